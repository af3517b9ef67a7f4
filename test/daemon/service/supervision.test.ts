import t from 'tap'
import { describe, reload } from '../../../daemon/service/supervision.ts'

t.test('trouble is told without its words', async (t) => {
  t.equal(describe({ check: () => '2 grants' }), '2 grants')
  const check = (): string => {
    throw new Error('secret')
  }
  t.equal(describe({ check }), 'the vault has trouble; the log says which')
})

t.test('a manager hears when a reload begins and ends, whatever comes of it', async (t) => {
  const steps: unknown[] = []
  const manager = {
    reloading: () => steps.push('reloading'),
    ready: (status: string) => steps.push(`ready: ${status}`),
  }
  const log = {
    info: (message: string) => steps.push(message),
    error: (message: string, error: unknown) => steps.push(message, error),
  }
  const check = () => 'well'
  reload(manager, { check, reload: () => steps.push('reload') }, log)
  t.same(steps.splice(0), ['reloading', 'reload', 'the configuration was read anew', 'ready: well'])
  const failure = new Error('no room')
  const failing = (): never => {
    throw failure
  }
  reload(manager, { check, reload: failing }, log)
  t.same(steps, [
    'reloading',
    'the new configuration could not be put on record',
    failure,
    'ready: well',
  ])
})
