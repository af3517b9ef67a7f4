import t from 'tap'
import { REPEATED_REFRESHES } from '../../../daemon/anomaly/repeated-refreshes.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test('forty exchanges of a grant in ten minutes are told', async (t) => {
  const shelf = new Shelf(REPEATED_REFRESHES)
  const seen = sampleSighting({ event: 'grant.refresh_begun' })
  for (let count = 1; count < 40; count += 1) t.equal(shelf.see(seen), undefined)
  t.match(shelf.see(seen), /^40 \S+/)
  t.equal(shelf.see(seen), undefined, 'once')
})

t.test('nothing else counts', async (t) => {
  for (const other of [{ event: 'grant.refreshed' }, { event: 'token.issued' }])
    t.equal(REPEATED_REFRESHES.keyOf(sampleSighting(other)), undefined)
})
