import type { CapabilityDetail } from '@grantd/client/protocol'
import t from 'tap'
import { noNewCapabilities } from '../../../daemon/broker/no-new-capabilities.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'

t.test('what is there can be seen and removed, and nothing is added', async (t) => {
  const removed: string[] = []
  const detail = { name: 'ci' } as CapabilityDetail
  const book = noNewCapabilities({
    list: () => ({ capabilities: [detail] }),
    remove: async (_caller, name) => {
      removed.push(name)
      return { ...detail, reason: 'removed' }
    },
  })
  t.same(book.list().capabilities, [detail])
  await t.rejects(book.add(sampleCaller(), { name: 'ci', grant: 'work' }), {
    code: 'invalid_request',
    message: /uid of its own/,
  })
  t.match(await book.remove(sampleCaller(), 'ci'), { name: 'ci' })
  t.same(removed, ['ci'])
})
