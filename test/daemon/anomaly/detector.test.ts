import t from 'tap'
import { isAnomaly, wayTo } from '../../../daemon/anomaly/detector.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test('what detectors raise is told from all else', async (t) => {
  t.ok(isAnomaly('anomaly.burst'))
  t.notOk(isAnomaly('token.issued'))
})

t.test('a capability is a way of its own', async (t) => {
  t.equal(wayTo(sampleSighting()), 'work')
  t.equal(wayTo(sampleSighting({ capability: 'ci' })), 'work ci')
  t.equal(wayTo(sampleSighting({ grant: undefined, capability: 'ci' })), undefined)
})
