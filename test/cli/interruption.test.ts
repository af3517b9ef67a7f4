import t from 'tap'
import { interruption } from '../../cli/interruption.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

t.test('a signal ends the wait, and the shell learns which', async (t) => {
  for (const [name, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const world = new FakeWorld()
    const { signal, exitStatus, stop } = interruption(world)
    t.equal(signal.aborted, false)
    world.interrupt(name)
    t.same([signal.aborted, exitStatus()], [true, exit])
    stop()
    t.equal(world.listening, 0)
  }
})
