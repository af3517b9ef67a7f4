import t from 'tap'
import { REPEATED_DENIALS } from '../../../daemon/anomaly/repeated-denials.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test('twenty denials of a program in a minute are told', async (t) => {
  const shelf = new Shelf(REPEATED_DENIALS)
  const seen = sampleSighting({ event: 'token.denied', reason: 'access_denied' })
  for (let count = 1; count < 20; count += 1) t.equal(shelf.see(seen), undefined)
  t.match(shelf.see(seen), /^20 \S+/)
  t.equal(shelf.see(seen), undefined, 'once')
})

t.test('nothing else counts', async (t) => {
  for (const other of [
    {},
    { event: 'token.denied' },
    { event: 'token.denied', reason: 'issuer_unreachable' },
    { event: 'token.denied', reason: 'login_required' },
  ])
    t.equal(REPEATED_DENIALS.keyOf(sampleSighting(other)), undefined)
})

t.test('who is turned away at the door is told no too', async (t) => {
  const { keyOf } = REPEATED_DENIALS
  t.equal(keyOf(sampleSighting({ event: 'peer.refused' })), '/usr/bin/git')
  t.equal(keyOf(sampleSighting({ event: 'peer.refused', executable: undefined })), 'pid 7')
})
