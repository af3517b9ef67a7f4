import t from 'tap'
import { newPassphrase, passphrase } from '../../cli/passphrase.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const { signal } = new AbortController()
const piped = { fromStdin: true, signal }
const asked = { fromStdin: false, signal }

/** A person who has typed this. */
function person(keys: string): FakeWorld {
  const world = new FakeWorld({ isTerminal: true })
  world.stdin.push(keys)
  return world
}

t.test('a passphrase comes from a pipe or is typed once', async (t) => {
  t.equal(await passphrase(new FakeWorld({ stdin: 'short\n' }), piped), 'short')
  t.equal(await passphrase(person('short\r'), asked), 'short')
  t.equal(await passphrase(person('\x03'), asked), undefined)
  await t.rejects(passphrase(person('\r'), asked), { message: 'the passphrase is empty' })
})

t.test('a new one is typed twice, and is neither short nor endless', async (t) => {
  const long = 'x'.repeat(1_025)
  t.equal(await newPassphrase(new FakeWorld({ stdin: 'correct horse\n' }), piped), 'correct horse')
  t.equal(await newPassphrase(person('correct horse\rcorrect horse\r'), asked), 'correct horse')
  const wrong: readonly [keys: string, message: RegExp][] = [
    ['correct horse\rcorrect house\r', /not the same/],
    ['üüüüüüü\r', /at least 8 characters/],
    [`${long}\r`, /at most 1024 characters/],
  ]
  for (const [keys, message] of wrong)
    await t.rejects(newPassphrase(person(keys), asked), { name: 'UsageError', message })
  await t.rejects(newPassphrase(new FakeWorld({ stdin: 'short\n' }), piped), { message: /least 8/ })
})

t.test('who gives up half-way has chosen nothing', async (t) => {
  t.equal(await newPassphrase(person('\x03'), asked), undefined)
  t.equal(await newPassphrase(person('correct horse\r\x03'), asked), undefined)
})

t.test('without a terminal nobody is asked', async (t) => {
  for (const ask of [passphrase, newPassphrase])
    await t.rejects(ask(new FakeWorld(), asked), {
      name: 'UsageError',
      hint: /--passphrase-stdin/,
    })
})
