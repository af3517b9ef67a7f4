import t from 'tap'
import { noPrompt } from '../../../daemon/consent/consent.ts'
import { localPeer } from '../../fakes/local-peer.ts'

t.test('where no prompt can be shown, nobody said yes', async (t) => {
  const question = {
    peer: localPeer(),
    grant: 'work',
    scope: ['repo:read'],
    audience: undefined,
    purpose: 'git fetch',
  }
  t.equal(await noPrompt.ask(question), 'unavailable')
})
