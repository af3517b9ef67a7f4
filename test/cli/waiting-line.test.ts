import t from 'tap'
import { waitingLineOn } from '../../cli/waiting-line.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

t.test('a terminal sees the time run', async (t) => {
  const world = new FakeWorld({ isTerminal: true })
  const line = waitingLineOn(world)
  line.clear()
  line.show(65)
  world.timers.tick()
  line.show(30)
  world.timers.tick()
  line.clear()
  line.clear()
  t.equal(
    world.stderr.text.split('\r\x1b[K').filter(Boolean).join('|'),
    ['1:05', '1:04', '0:29'].map((left) => `waiting for the login, ${left} left`).join('|'),
  )
  t.equal(world.timers.ticking, 0)
})

t.test('elsewhere it is said once', async (t) => {
  for (const world of [
    new FakeWorld(),
    new FakeWorld({ isTerminal: true, env: { TERM: 'dumb' } }),
  ]) {
    const line = waitingLineOn(world)
    line.show(65)
    line.show(60)
    line.clear()
    t.equal(world.stderr.text, 'waiting for the login, 1:05 left\n')
    t.equal(world.timers.ticking, 0)
  }
})
