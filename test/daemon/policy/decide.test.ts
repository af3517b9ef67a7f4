import { GrantdError } from '@grantd/client/protocol'
import fc from 'fast-check'
import t from 'tap'
import type { PeerClass } from '../../../daemon/peer/peer.ts'
import { decide, type PolicyQuestion, requireListenerRight } from '../../../daemon/policy/decide.ts'
import { granted } from '../../fakes/granted.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const API = 'https://api.example'
const OTHERS: readonly PeerClass[] = ['relay', 'container', 'root', 'unidentified']

const question: PolicyQuestion = {
  peer: localPeer(),
  listener: 'broker',
  grant: granted({
    scopes: { '': ['a', 'b'], [API]: ['c'] },
    audiences: [API],
  }),
  scope: ['a'],
  audience: undefined,
}

t.test('a local process may have what was granted, and nothing asks a person', async (t) => {
  for (const [scope, audience] of [
    [['a'], undefined],
    [['b', 'a'], undefined],
    [[], undefined],
    [['c'], API],
  ] as const)
    t.same(decide({ ...question, scope, audience }), {
      kind: 'allow',
      rule: 'built-in',
      consent: 'never',
    })
})

t.test('everything else is refused, with one reason', async (t) => {
  const table: readonly (readonly [Partial<PolicyQuestion>, string, string])[] = [
    [{ listener: 'admin' }, 'unauthorized_peer', 'no tokens on the "admin" listener'],
    [{ scope: ['z'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['a', 'z'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['c'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['a'], audience: API }, 'access_denied', 'the scope goes beyond the grant'],
    [{ audience: 'https://x.example' }, 'access_denied', 'the audience goes beyond the grant'],
    [{ audience: '', scope: [] }, 'access_denied', 'the audience goes beyond the grant'],
    ...OTHERS.map(
      (name) =>
        [
          { peer: localPeer({ class: name }) },
          'unauthorized_peer',
          `no rule names the class "${name}"`,
        ] as const,
    ),
  ]
  for (const [changes, code, reason] of table)
    t.same(
      decide({ ...question, ...changes }),
      { kind: 'deny', rule: 'built-in', code, reason },
      JSON.stringify(changes),
    )
})

t.test(
  'an audience named like a member of every object is refused, whatever is asked',
  async () => {
    const name = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty')
    fc.assert(
      fc.property(name, fc.array(name), fc.boolean(), (audience, scope, isListed) => {
        const grant = { ...question.grant, audiences: isListed ? [audience] : [] }
        return decide({ ...question, grant, audience, scope }).kind === 'deny'
      }),
    )
  },
)

t.test('an allowed scope was granted for that audience, always', async () => {
  const word = fc.constantFrom('a', 'b', 'c', 'z')
  const audience = fc.constantFrom(undefined, '', API, 'https://x.example')
  fc.assert(
    fc.property(fc.array(word), audience, (scope, audience) => {
      const list = { undefined: ['a', 'b'], [API]: ['c'] }[String(audience)]
      const isGranted = list !== undefined && scope.every((token) => list.includes(token))
      return (decide({ ...question, scope, audience }).kind === 'allow') === isGranted
    }),
  )
})

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
