import t from 'tap'
import type { TokenRequestSeen } from '../issuers/token-log.ts'
import type { Seen } from './crash-point.ts'
import { countReplays, isRecordInPlace, judge, type Progress, progressAtDeath } from './judge.ts'

function asked(hash: string, status = 200): TokenRequestSeen {
  return {
    grantType: 'refresh_token',
    status,
    clientId: 'grantd',
    account: 'alice',
    error: undefined,
    refreshTokenHash: hash,
    successorHash: undefined,
    scope: undefined,
    resource: undefined,
    isRepeated: false,
  }
}

const intent: Seen = { call: 'rename', when: 'after', target: '/grants/id.grant', text: '' }
const read: Seen = { call: 'answer', when: 'after', target: '/token', text: '200 h' }
const written: Seen = { ...intent, when: 'before' }

t.test('how far an exchange had come', async (t) => {
  const rows: readonly [Progress, readonly TokenRequestSeen[], readonly Seen[]][] = [
    ['not acted', [], [intent]],
    ['not acted', [asked('h', 400)], [intent]],
    ['answer under way', [asked('h')], [intent]],
    ['answer under way', [asked('other')], [intent, read, intent]],
    ['answer read', [asked('h')], [intent, read, written]],
    ['durable', [asked('h')], [intent, read, written, intent]],
  ]
  for (const [progress, log, trace] of rows) t.equal(progressAtDeath(log, trace, 'id'), progress)
  t.notOk(isRecordInPlace([intent], 'another'))
})

t.test('a grant is lost with a reason or without one', async (t) => {
  t.equal(judge('answer under way', true, false), 'lives')
  t.equal(judge('answer under way', false, false), 'lost on the way')
  t.equal(judge('answer read', false, false), 'lost in memory')
  t.equal(judge('durable', false, false), 'lost without need')
  t.equal(judge('not acted', false, false), 'lost without need')
  t.equal(judge('answer under way', false, true), 'lost without need', 'the issuer would repeat it')
})

t.test('one more use of a used token is permitted, and every further one is counted', async (t) => {
  t.same(countReplays([asked('a'), asked('b')]), { permitted: 0, beyond: 0 })
  t.same(countReplays([asked('a', 503), asked('a'), asked('a', 400)]), { permitted: 1, beyond: 0 })
  t.same(
    countReplays([asked('a'), asked('a', 400), asked('b'), asked('b'), asked('b'), asked('b')]),
    { permitted: 2, beyond: 2 },
  )
})
