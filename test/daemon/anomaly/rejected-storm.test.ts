import t from 'tap'
import { REJECTED_STORM } from '../../../daemon/anomaly/rejected-storm.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test('ten rejected tokens of a grant in ten minutes are told', async (t) => {
  const shelf = new Shelf(REJECTED_STORM)
  const seen = sampleSighting({ isRejecting: true })
  for (let count = 1; count < 10; count += 1) t.equal(shelf.see(seen), undefined)
  t.match(shelf.see(seen), /^10 \S+/)
  t.equal(shelf.see(seen), undefined, 'once')
})

t.test('nothing else counts', async (t) => {
  for (const other of [{}, { isRejecting: true, grant: undefined }])
    t.equal(REJECTED_STORM.keyOf(sampleSighting(other)), undefined)
})
