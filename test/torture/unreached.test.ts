import t from 'tap'
import { startArena } from './arena.ts'
import { RefreshTrial } from './refresh-trial.ts'

t.test('a harness that does not get to kill where it wants to fails', async (t) => {
  const arena = await startArena('family', 500)
  t.teardown(() => arena.close())
  const step = {
    operation: 'refresh',
    name: 'a step that nothing takes',
    reached: { kind: 'point', point: { call: 'remove', when: 'before', target: 'nowhere' } },
  } as const
  await t.rejects(
    new RefreshTrial(arena).run(step, 1),
    /"refresh, a step that nothing takes" was never reached/,
  )
})
