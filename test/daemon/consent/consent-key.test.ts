import t from 'tap'
import { consentKey, isMemorable, programKey } from '../../../daemon/consent/consent-key.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

t.test('a yes is bound to everything that was asked', async (t) => {
  const questions = [
    sampleQuestion(),
    sampleQuestion({ peer: samplePeer({ pid: 1 }) }),
    sampleQuestion({ peer: samplePeer({ startTime: '78' }) }),
    sampleQuestion({ peer: samplePeer({ executable: '/usr/bin/other' }) }),
    sampleQuestion({ peer: samplePeer({ image: '1 2 3' }) }),
    sampleQuestion({ peer: samplePeer({ image: '1 2 4' }) }),
    sampleQuestion({ listener: 'capability' }),
    sampleQuestion({ grantId: 'a later login' }),
    sampleQuestion({ scope: ['repo:read', 'repo:write'] }),
    sampleQuestion({ scope: ['repo:read repo:write'] }),
    sampleQuestion({ scope: [] }),
    sampleQuestion({ audience: undefined }),
    sampleQuestion({ lifetimeSeconds: 1 }),
    sampleQuestion({ lifetimeSeconds: undefined }),
    ...[
      { class: 'local', seconds: 60, reason: 'fire', rules: ['a'] } as const,
      { class: 'relay', seconds: 60, reason: 'fire', rules: ['a'] } as const,
      { class: 'local', seconds: 61, reason: 'fire', rules: ['a'] } as const,
      { class: 'local', seconds: 60, reason: 'flood', rules: ['a'] } as const,
      { class: 'local', seconds: 60, reason: 'fire', rules: ['b'] } as const,
    ].map((lifting) => sampleQuestion({ lifting })),
    sampleQuestion({ audience: 'https://other.example' }),
  ]
  t.equal(new Set(questions.map(consentKey)).size, questions.length)
  t.equal(
    consentKey(sampleQuestion({ scope: ['b', 'a'], purpose: 'x' })),
    consentKey(sampleQuestion({ scope: ['a', 'b'] })),
  )
})

t.test('a process that could be another one tomorrow is not remembered', async (t) => {
  const { startTime: _start, ...ageless } = samplePeer()
  const { executable: _path, ...nameless } = samplePeer()
  const questions = [samplePeer(), ageless, nameless].map((peer) => sampleQuestion({ peer }))
  t.equal(new Set(questions.map(consentKey)).size, 3)
  t.equal(isMemorable(sampleQuestion()), true)
  t.equal(isMemorable(sampleQuestion({ peer: ageless })), false)
  t.equal(isMemorable(sampleQuestion({ peer: nameless })), false)
  t.equal(programKey(sampleQuestion()), '/usr/bin/tool')
  t.equal(programKey(sampleQuestion({ peer: nameless })), 'pid 4242')
})
