import t from 'tap'
import { BURST } from '../../../daemon/anomaly/burst.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test('two thousand tokens of a grant in a minute are told', async (t) => {
  const shelf = new Shelf(BURST)
  const seen = sampleSighting()
  for (let count = 1; count < 2000; count += 1) t.equal(shelf.see(seen), undefined)
  t.match(shelf.see(seen), /^2000 \S+/)
  t.equal(shelf.see(seen), undefined, 'once')
})

t.test('nothing else counts', async (t) => {
  for (const other of [{ event: 'token.denied' }, { grant: undefined }])
    t.equal(BURST.keyOf(sampleSighting(other)), undefined)
})
