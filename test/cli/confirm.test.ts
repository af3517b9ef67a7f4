import t from 'tap'
import { confirm } from '../../cli/confirm.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const never = new AbortController().signal

t.test('yes is the default, no and the end of input are no', async (t) => {
  const cases: [string, boolean][] = [
    ['\n', true],
    ['y\n', true],
    ['YES\r\n', true],
    ['n\n', false],
    ['no\n', false],
    ['what?\n', false],
    ['', false],
    ['y', false],
  ]
  for (const [stdin, expected] of cases) {
    const world = new FakeWorld({ stdin })
    t.equal(
      await confirm(world.stdin, world.stderr, 'join?', never),
      expected,
      JSON.stringify(stdin),
    )
    t.equal(world.stderr.text, 'join? [Y/n] ')
  }
})

t.test('what cannot be undone is not the default', async (t) => {
  const cases: [string, boolean][] = [
    ['\n', false],
    ['y\n', true],
    ['n\n', false],
    ['', false],
  ]
  for (const [stdin, expected] of cases) {
    const world = new FakeWorld({ stdin })
    const answer = await confirm(world.stdin, world.stderr, 'delete?', never, 'no')
    t.equal(answer, expected, JSON.stringify(stdin))
    t.equal(world.stderr.text, 'delete? [y/N] ')
  }
})

t.test('an answer may come in pieces', async (t) => {
  const world = new FakeWorld()
  const answer = confirm(world.stdin, world.stderr, 'join?', never)
  world.stdin.push('y')
  world.stdin.push('es\n')
  t.equal(await answer, true)
})

t.test('a signal ends the question and lets go of stdin', async (t) => {
  const world = new FakeWorld()
  const controller = new AbortController()
  const answer = confirm(world.stdin, world.stderr, 'join?', controller.signal)
  controller.abort()
  t.equal(await answer, undefined)
  t.equal(world.stderr.text, 'join? [Y/n] \n')
  t.equal(await confirm(world.stdin, world.stderr, 'join?', controller.signal), undefined)
  t.equal(world.stdin.listenerCount('data'), 0)
  t.equal(world.stdin.isPaused(), true)
})
