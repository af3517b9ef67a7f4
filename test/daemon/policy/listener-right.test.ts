import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import type { PeerClass } from '../../../daemon/peer/peer.ts'
import { requireListenerRight } from '../../../daemon/policy/listener-right.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const OTHERS: readonly PeerClass[] = ['relay', 'container', 'root', 'unidentified']

t.test('the admin listener is for local processes alone, whatever any rule says', async (t) => {
  const isSameProcess = () => true
  requireListenerRight({ peer: localPeer(), listener: 'admin', isSameProcess })
  for (const name of OTHERS) {
    const peer = localPeer({ class: name })
    t.throws(
      () => requireListenerRight({ peer, listener: 'admin', isSameProcess }),
      new GrantdError('unauthorized_peer', `the admin listener is not for the class "${name}"`),
    )
    requireListenerRight({ peer, listener: 'broker', isSameProcess })
    requireListenerRight({ peer, listener: 'capability', isSameProcess })
  }
})

t.test('whoever is gone has no right on the admin listener any more', async (t) => {
  const gone = { peer: localPeer(), isSameProcess: () => false }
  t.throws(
    () => requireListenerRight({ ...gone, listener: 'admin' }),
    new GrantdError('unauthorized_peer', 'the process that asked is gone'),
  )
  requireListenerRight({ ...gone, listener: 'broker' })
})
