import { getEventListeners, once } from 'node:events'
import t from 'tap'
import { patientSignal } from '../../../daemon/issuer/patient-signal.ts'

t.test('it fires after the other one, with the same reason', async (t) => {
  const other = new AbortController()
  const { signal } = patientSignal(other.signal, 1)
  other.abort('why')
  t.equal(signal.aborted, false)
  await once(signal, 'abort')
  t.equal(signal.reason, 'why')
  const late = patientSignal(other.signal, 1)
  await once(late.signal, 'abort')
})

t.test('once released it never fires, and holds on to nothing', async (t) => {
  for (const isAborted of [false, true]) {
    const other = new AbortController()
    const { signal, release } = patientSignal(other.signal, 0)
    if (isAborted) other.abort()
    release()
    if (!isAborted) other.abort()
    await new Promise((resolve) => setTimeout(resolve, 2))
    t.equal(signal.aborted, false)
    t.same(getEventListeners(other.signal, 'abort'), [])
  }
})
