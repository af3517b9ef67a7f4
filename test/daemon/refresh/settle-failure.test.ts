import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import type { GrantState } from '../../../daemon/grant/grant.ts'
import type { IssuerFailure } from '../../../daemon/issuer/issuer.ts'
import { BackOff } from '../../../daemon/refresh/back-off.ts'
import { DOUBT_SECONDS } from '../../../daemon/refresh/doubt.ts'
import {
  loseAnswer,
  settleFailure,
  settleOpenIntents,
} from '../../../daemon/refresh/settle-failure.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { fakeVault } from '../../fakes/fake-vault.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

function scene() {
  const backOff = new BackOff({ clock: new FakeClock(), random: () => 0 })
  return { ...fakeVault(), backOff }
}

const refreshing = {
  kind: 'refreshing',
  intent: { tokenHash: 'x'.repeat(43), startedAt: 1, attempt: 1 },
} as const satisfies GrantState

const CASES: readonly [failure: IssuerFailure, state: string, outcome: object][] = [
  [
    { kind: 'not_sent', reason: 'ECONNREFUSED' },
    'active',
    { kind: 'transient', detail: 'ECONNREFUSED', retryAfterSeconds: 1 },
  ],
  [
    { kind: 'untrusted', reason: 'certificate not trusted' },
    'active',
    { kind: 'transient', detail: 'certificate not trusted', retryAfterSeconds: 30 },
  ],
  [
    { kind: 'refused_bare', reason: 'status 400, no reason' },
    'active',
    { kind: 'transient', detail: 'status 400, no reason', retryAfterSeconds: 30 },
  ],
  [
    { kind: 'retry_later', retryAfterSeconds: 11 },
    'active',
    { kind: 'transient', detail: 'the issuer asked to wait', retryAfterSeconds: 11 },
  ],
  [
    { kind: 'retry_later', retryAfterSeconds: 86_400 },
    'active',
    { kind: 'transient', detail: 'the issuer asked to wait', retryAfterSeconds: 3_600 },
  ],
  [
    { kind: 'unusable', reason: 'status 502' },
    'active',
    { kind: 'transient', detail: 'status 502', retryAfterSeconds: 5 },
  ],
  [
    { kind: 'unusable', reason: 'status 502', retryAfterSeconds: 70 },
    'active',
    { kind: 'transient', detail: 'status 502', retryAfterSeconds: 70 },
  ],
  [
    { kind: 'in_doubt', reason: 'connection lost' },
    'in_doubt',
    { kind: 'in_doubt', detail: 'connection lost', retryAfterSeconds: DOUBT_SECONDS },
  ],
  [
    { kind: 'in_doubt', reason: 'status 500', retryAfterSeconds: 9 },
    'in_doubt',
    { kind: 'in_doubt', detail: 'status 500', retryAfterSeconds: DOUBT_SECONDS },
  ],
  [
    { kind: 'in_doubt', reason: 'server_error', retryAfterSeconds: 90 },
    'in_doubt',
    { kind: 'in_doubt', detail: 'server_error', retryAfterSeconds: 90 },
  ],
  [
    { kind: 'grant_dead', code: 'invalid_grant' },
    'login_required',
    { kind: 'permanent', code: 'login_required', detail: 'the issuer answered "invalid_grant"' },
  ],
  [
    { kind: 'step_up', code: 'consent_required' },
    'active',
    {
      kind: 'permanent',
      code: 'step_up_required',
      detail: 'the issuer answered "consent_required"',
    },
  ],
  [
    { kind: 'client_broken', code: 'invalid_client' },
    'active',
    {
      kind: 'permanent',
      code: 'issuer_rejected',
      detail: 'the issuer refuses the client: "invalid_client"',
    },
  ],
  ...(['invalid_scope', 'invalid_target'] as const).map((code): [IssuerFailure, string, object] => [
    { kind: 'request_wrong', code },
    'active',
    { kind: 'permanent', code, detail: `the issuer answered "${code}"` },
  ]),
  [
    { kind: 'request_wrong', code: 'other' },
    'active',
    { kind: 'permanent', code: 'issuer_rejected', detail: 'the issuer answered "other"' },
  ],
]

for (const [failure, state, outcome] of CASES) {
  t.test(`${JSON.stringify(failure)} leaves the grant ${state}`, async (t) => {
    const { vault, disk, backOff } = scene()
    await vault.add(sampleRecord({ state: refreshing }))
    t.same(
      await settleFailure({ vault, backOff }, 'grant-1', vault.open('grant-1'), failure),
      outcome,
    )
    t.equal(disk.record('grant-1')?.grant.state.kind, state)
    const isDead = failure.kind === 'grant_dead'
    t.equal(vault.open('grant-1').refreshToken === undefined, isDead)
  })

  t.test(`${JSON.stringify(failure)} after the successor was kept changes no state`, async (t) => {
    const { vault, backOff } = scene()
    const record = sampleRecord({ state: refreshing })
    await vault.add(record)
    await vault.change('grant-1', () => sampleRecord({ generation: 2 }, 'rt-2'))
    const answer = await settleFailure({ vault, backOff }, 'grant-1', record, failure)
    const isLoss = ['in_doubt', 'unusable', 'refused_bare', 'grant_dead'].includes(failure.kind)
    if (isLoss) {
      t.match(answer, { kind: 'transient', retryAfterSeconds: 5 }, 'the grant lives on')
      t.equal(backOff.waitSeconds('grant-1'), 0, 'the next exchange may follow')
    } else t.same(answer, outcome)
    t.match(vault.get('grant-1'), { generation: 2, state: { kind: 'active' } })
    t.equal(vault.open('grant-1').refreshToken?.reveal(), 'rt-2')
  })
}

t.test('a word of the token endpoint ends the pauses, and a loss makes none', async (t) => {
  for (const [failure, wait] of [
    [{ kind: 'client_broken', code: 'invalid_client' }, 0],
    [{ kind: 'step_up', code: 'consent_required' }, 0],
    [{ kind: 'request_wrong', code: 'invalid_scope' }, 0],
    [{ kind: 'grant_dead', code: 'invalid_grant' }, 0],
    [{ kind: 'in_doubt', reason: 'connection lost' }, 5],
    [{ kind: 'in_doubt', reason: 'server_error', retryAfterSeconds: 90 }, 90],
  ] as const) {
    const { vault, backOff } = scene()
    await vault.add(sampleRecord({ state: refreshing }))
    const record = vault.open('grant-1')
    await settleFailure({ vault, backOff }, 'grant-1', record, { kind: 'unusable', reason: 'x' })
    await vault.change('grant-1', () => sampleRecord({ state: refreshing }))
    await settleFailure({ vault, backOff }, 'grant-1', record, failure)
    t.equal(backOff.waitSeconds('grant-1'), wait, failure.kind)
  }
})

t.test('a registered client outlives its grant', async (t) => {
  const rooms = scene()
  await rooms.vault.add({
    ...sampleRecord({ state: refreshing, registration: {} }),
    clientSecret: Secret.fromText('hush'),
    registrationToken: Secret.fromText('rat-1'),
  })
  const used = rooms.vault.open('grant-1')
  await settleFailure(rooms, 'grant-1', used, { kind: 'grant_dead', code: 'invalid_grant' })
  const record = rooms.disk.record('grant-1')
  t.same(Object.keys(record ?? {}).toSorted(), ['clientSecret', 'grant', 'registrationToken'])
})

t.test('a tombstone keeps no secret at all', async (t) => {
  const { vault, disk, backOff } = scene()
  await vault.add({
    ...sampleRecord({ state: refreshing }),
    previousRefreshToken: Secret.fromText('rt-0'),
    clientSecret: Secret.fromText('client secret'),
    dpopKey: Secret.fromText('key'),
  })
  await settleFailure({ vault, backOff }, 'grant-1', vault.open('grant-1'), {
    kind: 'grant_dead',
    code: 'invalid_grant',
  })
  t.same(Object.keys(disk.record('grant-1') ?? {}), ['grant'])
  t.match(vault.get('grant-1')?.state, { reason: 'the issuer answered "invalid_grant"' })
})

t.test(
  'a grant that was revoked meanwhile stays revoked and keeps what is to be revoked',
  async (t) => {
    for (const failure of [
      { kind: 'grant_dead', code: 'invalid_grant' },
      { kind: 'not_sent', reason: 'ECONNREFUSED' },
      { kind: 'in_doubt', reason: 'connection lost' },
    ] as const) {
      const { vault, backOff } = scene()
      await vault.add(sampleRecord({ state: { kind: 'revoked', at: 1, revocation: 'queued' } }))
      await settleFailure({ vault, backOff }, 'grant-1', vault.open('grant-1'), failure)
      t.match(vault.get('grant-1')?.state, { kind: 'revoked', revocation: 'queued' })
      t.equal(vault.open('grant-1').refreshToken?.reveal(), 'rt-1', failure.kind)
    }
  },
)

t.test('at the start every exchange that was under way has lost its answer', async (t) => {
  const { vault, disk } = fakeVault()
  await vault.add(sampleRecord({ id: 'a', state: refreshing }))
  await vault.add(sampleRecord({ id: 'b' }))
  await settleOpenIntents(vault)
  t.equal(disk.record('a')?.grant.state.kind, 'in_doubt')
  t.equal(disk.record('b')?.grant.state.kind, 'active')
  await loseAnswer(vault, 'gone')
})

t.test(
  'a grant revoked during an exchange knows whether its answer is still missing',
  async (t) => {
    const { intent } = refreshing
    for (const [failure, isMissing] of [
      [{ kind: 'not_sent', reason: 'ECONNREFUSED' }, false],
      [{ kind: 'request_wrong', code: 'invalid_scope' }, false],
      [{ kind: 'in_doubt', reason: 'connection lost' }, true],
    ] as const) {
      const { vault, disk, backOff } = scene()
      const state = { kind: 'revoked', at: 1, revocation: 'queued', intent } as const
      await vault.add(sampleRecord({ state }))
      await settleFailure({ vault, backOff }, 'grant-1', vault.open('grant-1'), failure)
      t.equal('intent' in (disk.record('grant-1')?.grant.state ?? {}), isMissing, failure.kind)
    }
  },
)

t.test('rotations that bring nothing are not asked for as fast as callers like', async (t) => {
  const { vault, backOff } = scene()
  const record = sampleRecord({ state: refreshing })
  await vault.add(record)
  await vault.change('grant-1', () => sampleRecord({ generation: 2 }, 'rt-2'))
  const failure = { kind: 'in_doubt', reason: 'answer is unusable' } as const
  for (const [told, pause] of [
    [5, 0],
    [5, 5],
    [10, 10],
    [20, 20],
  ]) {
    t.match(await settleFailure({ vault, backOff }, 'grant-1', record, failure), {
      kind: 'transient',
      retryAfterSeconds: told,
    })
    t.equal(backOff.waitSeconds('grant-1'), pause)
  }
})

t.test('an error page is not waited out longer than the issuer repeats its answer', async (t) => {
  const { vault, backOff } = scene()
  const record = sampleRecord({ state: refreshing, rotationGraceSeconds: 4 })
  await vault.add(record)
  const failure = { kind: 'unusable', reason: 'status 503' } as const
  const settle = () => settleFailure({ vault, backOff }, record.grant.id, record, failure)
  t.match(await settle(), { kind: 'transient', retryAfterSeconds: 2 })
  t.match(await settle(), { kind: 'transient', retryAfterSeconds: 5 }, 'but only once')
  t.match(await settle(), { kind: 'transient', retryAfterSeconds: 10 })
})
