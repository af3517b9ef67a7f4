import type { VaultStatus } from '@grantd/client/protocol'
import t from 'tap'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { judgeVault } from '../../../cli/doctor/judge-vault.ts'
import { LOCKED_VAULT, STATUS, VAULT } from '../../fakes/cli-answers.ts'

const answer = (value: VaultStatus) => ({ kind: 'answer', value }) as const

t.test('the state of the vault, with what helps', async (t) => {
  const memory = { ...VAULT, provider: 'memory' } as const
  for (const [vault, level, what, advice] of [
    [{ kind: 'sealed', detail: 'sealed' }, 'ok', /^vault: sealed$/, undefined],
    [{ kind: 'memory', detail: 'no keychain' }, 'warn', /no keychain/, /install/],
    [
      { kind: 'locked', detail: 'it is locked' },
      'fail',
      /it is locked/,
      /^unlock it: grantd unlock$/,
    ],
    [
      { kind: 'locked', detail: 'a key is gone', hint: 'restore it' },
      'fail',
      /a key is gone/,
      /^restore it$/,
    ],
  ] as const) {
    const [finding, ...more] = judgeVault(vault, answer(memory))
    t.match(finding, { level, what })
    t.match(finding?.advice ?? '', advice ?? /^$/)
    t.same(more, [], 'memory is told of once')
  }
})

/** What is told of the vault beyond its state, and the only line of it. */
const CASES: readonly [Partial<VaultStatus>, Finding['level'], RegExp, RegExp?][] = [
  [
    { provider: 'keychain' },
    'ok',
    /^sealing key 0123456789abcdef is kept by the OS keychain, which/,
  ],
  [
    { provider: 'kernel_keyring' },
    'ok',
    /ends with a restart/,
    /vault rekey --provider passphrase/,
  ],
  [{}, 'ok', /kept by a passphrase$/],
  [{ provider: 'credential_file' }, 'ok', /credential file/],
  [{ provider: 'later' as 'memory' }, 'ok', /kept by later$/],
]

t.test('who keeps the sealing key', async (t) => {
  for (const [change, level, what, advice] of CASES) {
    const [, finding, ...more] = judgeVault(STATUS.vault, answer({ ...VAULT, ...change }))
    t.match(finding, { level, what })
    t.match(finding?.advice ?? '', advice ?? /^$/)
    t.same(more, [])
  }
  const { provider, key_id: id, ...nobody } = VAULT
  t.equal(judgeVault(STATUS.vault, answer(nobody)).length, 1, `${provider} ${id}`)
  t.match(judgeVault(STATUS.vault, answer({ ...nobody, provider: 'keychain' }))[1], {
    what: /^sealing key is kept by/,
  })
})

t.test('a keychain that does not answer is a fault', async (t) => {
  const locked = { kind: 'locked', detail: 'the keychain is locked' } as const
  const byKeeper = { ...LOCKED_VAULT, provider: 'keychain', locked_by: 'keeper' } as const
  t.match(judgeVault(locked, answer(byKeeper)), [
    { level: 'fail' },
    { level: 'fail', what: /keychain does not give/, advice: /unlock the keychain/ },
  ])
  t.equal(judgeVault(locked, answer(LOCKED_VAULT)).length, 1, 'a person locked it')
  t.equal(judgeVault(locked, answer({ ...LOCKED_VAULT, provider: 'keychain' })).length, 1)
  t.equal(judgeVault(locked, answer({ ...byKeeper, provider: 'passphrase' })).length, 1)
})

t.test('records that cannot be opened, or lie under two keys', async (t) => {
  const broken = [{ file: '1.grant', reason: 'not authentic' }]
  const findings = judgeVault(STATUS.vault, answer({ ...VAULT, broken, rekey_unfinished: true }))
  t.match(findings.slice(2), [
    { level: 'fail', what: 'record 1.grant cannot be opened: not authentic', advice: /log in/ },
    { level: 'warn', what: /two sealing keys/, advice: /grantd vault rekey/ },
  ])
})

t.test('a daemon that does not tell', async (t) => {
  const refused = { kind: 'refused', detail: 'no such route' } as const
  t.match(judgeVault(STATUS.vault, refused), [
    { level: 'ok' },
    { level: 'warn', what: /who keeps the key: no such route/, advice: /restart/ },
  ])
})
