import t from 'tap'
import { consentOnRecord } from '../../../daemon/broker/consent-on-record.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { API, samplePeer } from '../../fakes/sample-grant.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

t.test('who was asked what, and what came of it', async (t) => {
  const audit = new FakeAudit()
  const record = consentOnRecord(audit)
  record.asked(sampleQuestion())
  record.ended(sampleQuestion(), { kind: 'given', choice: { seconds: 900 } })
  record.ended(sampleQuestion({ purpose: undefined }), { kind: 'denied', reason: 'timeout' })
  const facts = {
    peer: samplePeer(),
    grant: 'work',
    grantId: 'grant-1',
    scope: ['repo:read'],
    audience: API,
  }
  const request = { purpose: 'git fetch' }
  t.same(audit.entries, [
    { event: 'consent.asked', ...facts, request },
    { event: 'consent.given', ...facts, request, reason: '15m' },
    { event: 'consent.denied', ...facts, reason: 'timeout' },
  ])
})

t.test('what cannot be recorded is told', async (t) => {
  const audit = new FakeAudit()
  audit.failing = 'all'
  t.throws(() => consentOnRecord(audit).asked(sampleQuestion()), { code: 'audit_unavailable' })
})

t.test('a question about rules names them, and why', async (t) => {
  const audit = new FakeAudit()
  const lifting = { class: 'relay', seconds: 60, reason: 'fire', rules: ['a', 'b'] } as const
  consentOnRecord(audit).asked(sampleQuestion({ lifting }))
  t.same(audit.entries, [
    {
      event: 'consent.asked',
      peer: samplePeer(),
      grant: 'work',
      grantId: 'grant-1',
      lifted: ['a', 'b'],
      request: { reason: 'fire', class: 'relay', for: 60 },
    },
  ])
})
