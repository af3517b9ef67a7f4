import t from 'tap'
import { inLanes } from '../../../daemon/broker/in-lanes.ts'
import { deferred } from '../../fakes/deferred.ts'

t.test('so many of a key at a time, and no key waits for another', async (t) => {
  const gate = deferred()
  const begun: string[] = []
  const work = async (item: string): Promise<void> => {
    begun.push(item)
    if (item.startsWith('a')) await gate.promise
    if (item === 'b2') throw new Error('stops nothing')
  }
  const items = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4']
  const done = inLanes(items, (item) => item.charAt(0), 2, work)
  await new Promise(setImmediate)
  t.same(begun.toSorted(), ['a1', 'a2', 'b1', 'b2', 'b3', 'b4'], 'the slow key holds up itself')
  gate.resolve()
  await done
  t.same(begun.length, items.length)
})

t.test('nothing is done for nobody', async () => {
  await inLanes(
    [],
    () => 'a',
    3,
    async () => {
      throw new Error('called')
    },
  )
})
