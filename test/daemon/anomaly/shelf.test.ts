import fc from 'fast-check'
import t from 'tap'
import type { Detector } from '../../../daemon/anomaly/detector.ts'
import { MAX_MEMORIES, Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

/** Tells when a grant is seen for the second time. */
const TWICE: Detector<number> = {
  event: 'anomaly.burst',
  keyOf: ({ grant }) => grant,
  look: (times = 0) => ({ memory: times + 1, ...(times === 1 && { reason: 'twice' }) }),
}

t.test('each key has a memory of its own', async (t) => {
  const shelf = new Shelf(TWICE)
  t.equal(shelf.event, 'anomaly.burst')
  const see = (grant: string | undefined) => shelf.see(sampleSighting({ grant }))
  t.same([see('a'), see('b'), see(undefined), see(undefined)], Array(4).fill(undefined))
  t.same([see('a'), see('a'), see('b')], ['twice', undefined, 'twice'])
})

t.test('what was not looked at for longest is forgotten first', async (t) => {
  const shelf = new Shelf(TWICE)
  const see = (grant: string) => shelf.see(sampleSighting({ grant }))
  for (let at = 0; at < MAX_MEMORIES; at += 1) see(`g${at}`)
  t.equal(see('g0'), 'twice')
  see('one more')
  t.equal(shelf.size, MAX_MEMORIES)
  t.equal(see('g1'), undefined, 'it was forgotten')
})

t.test('whatever comes, the number of memories stays bounded', async () => {
  const shelf = new Shelf(TWICE)
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 100, maxLength: 300 }), (grants) => {
      for (const grant of grants) shelf.see(sampleSighting({ grant }))
      return shelf.size <= MAX_MEMORIES
    }),
  )
})
