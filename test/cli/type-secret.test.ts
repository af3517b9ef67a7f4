import t from 'tap'
import { typeSecret } from '../../cli/type-secret.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const never = new AbortController().signal

const ask = (world: FakeWorld, signal = never) =>
  typeSecret(world.stdin, world.stderr, 'passphrase', signal)

/** The terminal is as it was, and nobody reads from it. */
function isLeftAlone({ modes, stdin }: FakeWorld): boolean {
  return modes.at(-1) !== true && stdin.listenerCount('data') === 0 && stdin.isPaused()
}

t.test('what is typed is never shown', async (t) => {
  const world = new FakeWorld({ isTerminal: true })
  const answer = ask(world)
  t.same(world.modes, [true], 'hidden before the question stands there')
  for (const piece of ['corr', 'ect h', Buffer.from([0xc3]), Buffer.from([0xb6]), 'rse\r'])
    world.stdin.push(piece)
  t.equal(await answer, 'correct hörse')
  t.equal(world.stderr.text, 'passphrase: \n')
  t.same(world.modes, [true, false])
  t.ok(isLeftAlone(world))
})

t.test('what is typed ahead answers the next question', async (t) => {
  const world = new FakeWorld({ isTerminal: true })
  world.stdin.push('one\rtwo\r')
  t.equal(await ask(world), 'one')
  t.equal(await ask(world), 'two')
  t.same(world.modes, [true, false, true, false])
})

t.test('the terminal is given back however it ends', async (t) => {
  const controller = new AbortController()
  const ends: readonly [what: string, end: (world: FakeWorld) => void, outcome: object][] = [
    ['Ctrl-C', (world) => world.stdin.push('abc\x03'), { value: undefined }],
    ['a signal', () => controller.abort(), { value: undefined }],
    [
      'a terminal of another encoding',
      (world) => world.stdin.push(Buffer.from('Höhlenbär\r', 'latin1')),
      { error: { name: 'UsageError', message: 'what was typed is not UTF-8' } },
    ],
    ['Ctrl-D', (world) => world.stdin.push('\x04'), { error: { name: 'UsageError' } }],
    ['the end of input', (world) => world.stdin.push(null), { error: { name: 'UsageError' } }],
    [
      'an error',
      (world) => world.stdin.emit('error', new Error('EIO')),
      { error: { message: 'EIO' } },
    ],
  ]
  for (const [what, end, outcome] of ends) {
    const world = new FakeWorld({ isTerminal: true })
    const answer = ask(world, what === 'a signal' ? controller.signal : never).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    end(world)
    t.match(await answer, outcome, what)
    t.ok(isLeftAlone(world), what)
    t.equal(world.stderr.text, 'passphrase: \n', what)
  }
  const world = new FakeWorld({ isTerminal: true })
  t.equal(await ask(world, controller.signal), undefined)
  t.same([world.modes, world.stderr.text], [[], ''], 'after a signal nothing is asked')
})
