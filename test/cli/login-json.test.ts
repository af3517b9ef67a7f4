import t from 'tap'
import { loginJson } from '../../cli/login-json.ts'
import { DEVICE_LOGIN } from '../fakes/cli-answers.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const signal = new AbortController().signal

t.test('a line for the start and a line for the end, no questions', async (t) => {
  const world = new FakeWorld({ isTerminal: true })
  const report = loginJson(world)
  const ended = { ...DEVICE_LOGIN, state: 'complete' as const }
  t.equal(await report.joins(DEVICE_LOGIN, signal), true)
  await report.started(DEVICE_LOGIN)
  report.progress(DEVICE_LOGIN)
  report.ended(ended)
  report.end()
  t.same(
    world.stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [DEVICE_LOGIN, ended],
  )
  t.equal(world.stderr.text, '')
})

t.test('an interrupted login says what is left of it', async (t) => {
  const view = { ...DEVICE_LOGIN, state: 'cancelled' as const }
  for (const [left, line] of [
    [{ kind: 'cancelled', view }, view],
    [{ kind: 'detached' }, { kind: 'detached' }],
  ] as const) {
    const world = new FakeWorld()
    loginJson(world).interrupted(left)
    t.same(JSON.parse(world.stdout.text), line)
  }
})
