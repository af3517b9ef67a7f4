import type { PolicyExplanation } from '@grantd/client/protocol'
import t from 'tap'
import { explanationPage, policyPage, ruleCount } from '../../../cli/text/policy-page.ts'

t.test('files that are in order', async (t) => {
  t.equal(
    policyPage({
      files: [
        { level: 'system', path: '/etc/grantd/config.toml' },
        { level: 'user', path: '/home/me/c.toml', sha256: 'ab' },
      ],
      mode: 'audit',
      rules: [
        { level: 'user', name: 'a', effect: 'deny' },
        { level: 'user', name: 'b', effect: 'limit' },
      ],
    }),
    `system  /etc/grantd/config.toml  no file
user    /home/me/c.toml          2 rules
mode audit: rules of the user refuse nothing
`,
  )
  t.equal(ruleCount(1), '1 rule')
})

const ALLOWED: PolicyExplanation = {
  peer: { class: 'local', gid: 1000, pid: 42, executable: '/usr/bin/git', unit: 'a.service' },
  decision: 'allow',
  rule: 'git',
  limits: ['system:short'],
  scope: 'a b',
  max_lifetime: 300,
  consent: '15m',
  rates: [{ rule: 'git', tokens: 30, seconds: 60 }],
  offline: false,
  would_deny: { rule: 'no', reason: 'a rule denies it' },
  rules: [
    { level: 'system', name: 'short', effect: 'limit', verdict: 'narrows', why: 'fits' },
    { level: 'user', name: 'git', effect: 'allow', verdict: 'allows', why: 'fits best' },
    { level: 'user', name: 'x\u001b[2J', effect: 'deny', verdict: 'no_match', why: 'no "unit"' },
    { level: 'user', name: 'y', effect: 'deny', verdict: 'of tomorrow', why: '' },
  ],
}

t.test('a yes, and what narrows it', async (t) => {
  t.equal(
    explanationPage(ALLOWED),
    `allowed by "git"
  process      42
  executable   /usr/bin/git
  unit         a.service
  class        local
  narrowed by  system:short
  scope        a b
  lifetime     300 s at most
  consent      15m
  rate         30 in 60 s by "git"
  offline      no cached token while the issuer is away
  tried out    "no" would refuse: a rule denies it

rules:
  system  short  limit  narrows      fits
  user    git    allow  allows       fits best
  user    x\u{FFFD}[2J  deny   -            no "unit"
  user    y      deny   of tomorrow
`,
  )
})

t.test('a no, and why', async (t) => {
  t.equal(
    explanationPage({
      peer: { class: 'relay', gid: 1, executable_sha256: 'ab' },
      decision: 'deny',
      rule: 'built-in',
      code: 'unauthorized_peer',
      reason: 'no rule names the class "relay"',
      rules: [],
    }),
    `denied by "built-in": no rule names the class "relay"
  sha256  ab
  class   relay
  answer  unauthorized_peer
`,
  )
  const bare = {
    peer: { class: 'local', gid: 1 },
    decision: 'allow',
    rule: 'r',
    rules: [],
  } as const
  t.equal(explanationPage({ ...bare, consent: 'never' }), 'allowed by "r"\n  class  local\n')
  t.equal(explanationPage({ ...bare, decision: 'deny' }), 'denied by "r": \n  class  local\n')
})
