import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { tokenHash } from '../../../daemon/base/token-hash.ts'
import type { IssuerClient, RefreshRequest, Successor } from '../../../daemon/issuer/issuer.ts'
import { exchangeRefreshToken } from '../../../daemon/issuer/refresh-exchange.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { FAULTS, type Fault } from '../../issuers/faulty-proxy.ts'
import { clientOf, LOOPBACK_ROOM, logIn } from '../../issuers/log-in.ts'
import { API_A, API_B, startOidcIssuer } from '../../issuers/oidc-issuer.ts'
import { selfSigned } from '../../issuers/self-signed.ts'

/** Refreshes, and hands on what was kept. */
async function refresh(
  client: IssuerClient,
  refreshToken: Secret,
  more: Partial<RefreshRequest> = {},
) {
  const kept: Successor[] = []
  const answer = await exchangeRefreshToken(LOOPBACK_ROOM, {
    client,
    refreshToken,
    audience: API_A,
    keepSuccessor: async (successor) => {
      kept.push(successor)
    },
    ...more,
  })
  return { answer, kept, successor: kept[0]?.refreshToken ?? refreshToken }
}

/** The same JSON with every letter of its texts as an escape. */
function escapeWords(json: string): string {
  return json.replace(/[A-Za-z](?=[^"]*"(?:[,}:]))/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

t.test('with a real issuer', async (t) => {
  const issuer = await startOidcIssuer({ accessTokenSeconds: 60 })
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)

  t.test('a refresh rotates and answers without the refresh token', async (t) => {
    const { refreshToken } = await logIn(client)
    const first = await refresh(client, refreshToken)
    t.match(first.answer, {
      kind: 'answered',
      hasSuccessor: true,
      answer: { tokenType: 'Bearer', expiresInSeconds: 60, audience: [API_A] },
    })
    t.equal(issuer.log.at(-1)?.refreshTokenHash, tokenHash(refreshToken.reveal()))
    t.not(first.successor.reveal(), refreshToken.reveal())
    t.notMatch(inspect(first.answer, { depth: 10, showHidden: true }), first.successor.reveal())
    const second = await refresh(client, first.successor, {
      audience: API_B,
      scope: ['issues:read'],
    })
    t.match(second.answer, {
      kind: 'answered',
      answer: { scope: ['issues:read'], tokenScope: ['issues:read'], audience: [API_B] },
    })
    t.match(issuer.log.at(-1), { scope: 'issues:read', resource: API_B })
  })

  t.test('without audience the token is opaque', async (t) => {
    const { refreshToken } = await logIn(client, [])
    const { audience: _, ...opaque } = { audience: undefined }
    const answer = await exchangeRefreshToken(LOOPBACK_ROOM, {
      client,
      refreshToken,
      keepSuccessor: async () => {},
      ...opaque,
    })
    t.match(answer, { kind: 'answered' })
    t.equal(answer.kind === 'answered' && answer.answer.audience, undefined)
    t.equal(issuer.log.at(-1)?.resource, undefined)
  })

  t.test(
    'a client with a secret refreshes too, and a wrong secret is not a dead grant',
    async (t) => {
      const confidential = await clientOf(issuer, 'confidential')
      const { refreshToken } = await logIn(confidential)
      const { answer, successor } = await refresh(confidential, refreshToken)
      t.match(answer, { kind: 'answered' })
      const wrong = { ...confidential, clientSecret: Secret.fromText('wrong') }
      t.strictSame((await refresh(wrong, successor)).answer, {
        kind: 'client_broken',
        code: 'invalid_client',
      })
      t.match((await refresh(confidential, successor)).answer, { kind: 'answered' })
    },
  )

  t.test(
    'an ID token that would not validate, as under a wrong clock, loses nothing',
    async (t) => {
      const { refreshToken } = await logIn(client)
      issuer.proxy.next({
        kind: 'rewrite',
        rewrite: (answer) => ({
          ...answer,
          body: answer.body.replace(/"id_token":"[^"]+"/, '"id_token":"expired"'),
        }),
      })
      const { answer } = await refresh(client, refreshToken)
      t.match(answer, { kind: 'answered', hasSuccessor: true })
    },
  )

  t.test('a spent refresh token is a dead grant', async (t) => {
    const { refreshToken } = await logIn(client)
    await refresh(client, refreshToken)
    t.strictSame((await refresh(client, refreshToken)).answer, {
      kind: 'grant_dead',
      code: 'invalid_grant',
    })
  })

  t.test('an audience or scope that was not granted is our mistake', async (t) => {
    const { refreshToken } = await logIn(client, [API_A])
    t.strictSame((await refresh(client, refreshToken, { scope: ['admin'] })).answer, {
      kind: 'request_wrong',
      code: 'invalid_scope',
    })
    t.strictSame((await refresh(client, refreshToken, { audience: API_B })).answer, {
      kind: 'request_wrong',
      code: 'invalid_target',
    })
  })

  t.test('when the successor cannot be kept, the caller gets its own error back', async (t) => {
    const { refreshToken } = await logIn(client)
    const error = new Error('disk full')
    let kept: Secret | undefined
    const failing = refresh(client, refreshToken, {
      keepSuccessor: async (successor) => {
        kept = successor.refreshToken
        throw error
      },
    })
    t.equal(await failing.catch((thrown: unknown) => thrown), error)
    t.ok(kept, 'and still holds the successor')
    t.match((await refresh(client, kept ?? refreshToken)).answer, { kind: 'answered' })
  })

  t.test('every fault has its class, and none says what the answer said', async (t) => {
    const table: readonly (readonly [keyof typeof FAULTS, object, boolean])[] = [
      ['dropBefore', { kind: 'in_doubt', reason: 'connection lost' }, false],
      ['serverError', { kind: 'unusable', reason: 'status 500' }, false],
      ['unavailable', { kind: 'retry_later', retryAfterSeconds: 7 }, false],
      ['tooManyRequests', { kind: 'retry_later', retryAfterSeconds: 11 }, false],
      ['html', { kind: 'unusable', reason: 'answer is not JSON' }, false],
      ['empty400', { kind: 'refused_bare', reason: 'status 400, no reason' }, false],
      ['error200', { kind: 'grant_dead', code: 'invalid_grant' }, false],
      ['redirect', { kind: 'unusable', reason: 'redirect refused' }, false],
      ['leakyError', { kind: 'request_wrong', code: 'other' }, false],
      ['malformed', { kind: 'in_doubt', reason: 'answer is unusable' }, true],
      ['truncated', { kind: 'in_doubt', reason: 'answer broke off' }, true],
      ['noTokenType', { kind: 'in_doubt', reason: 'answer is unusable' }, true],
    ]
    let { refreshToken } = await logIn(client)
    for (const [name, failure, isKept] of table) {
      issuer.proxy.next(FAULTS[name])
      const { answer, kept, successor } = await refresh(client, refreshToken)
      t.strictSame(answer, failure, name)
      t.equal(kept.length, isKept ? 1 : 0, name)
      for (const canary of [refreshToken.reveal(), successor.reveal()]) {
        t.notMatch(inspect(answer, { depth: 10, showHidden: true }), canary, name)
        t.notMatch(JSON.stringify(answer), canary, name)
      }
      refreshToken = successor
    }
    t.match((await refresh(client, refreshToken)).answer, { kind: 'answered' }, 'nothing was lost')
  })

  t.test('a secret under another name is not handed out, and its grant is kept', async (t) => {
    const confidential = await clientOf(issuer, 'confidential')
    let { refreshToken } = await logIn(confidential)
    const sent = (): string => refreshToken.reveal()
    const { clientSecret } = issuer.confidential
    const table: readonly ((next: string) => object)[] = [
      (next) => ({ access_token: next }),
      (next) => ({ access_token: `x${next}` }),
      (next) => ({ scope: next }),
      () => ({ access_token: sent() }),
      () => ({ scope: `repo:read ${sent()}` }),
      () => ({ access_token: clientSecret }),
      () => ({ scope: clientSecret }),
    ]
    for (const change of table)
      for (const write of [(text: string) => text, escapeWords]) {
        issuer.proxy.next({
          kind: 'rewrite',
          rewrite: (answer) => {
            const said = JSON.parse(answer.body) as Record<string, unknown>
            const body = { ...said, ...change(String(said['refresh_token'])) }
            return { ...answer, body: write(JSON.stringify(body)) }
          },
        })
        const { answer, kept, successor } = await refresh(confidential, refreshToken)
        t.strictSame(answer, { kind: 'in_doubt', reason: 'answer repeats a secret' })
        t.equal(kept.length, 1)
        refreshToken = successor
      }
    t.match((await refresh(confidential, refreshToken)).answer, { kind: 'answered' })
  })

  t.test('a token no header can carry is not handed out, and its grant is kept', async (t) => {
    const { refreshToken } = await logIn(client)
    const spaced: Fault = {
      kind: 'rewrite',
      rewrite: (answer) => ({ ...answer, body: answer.body.replace('"ey', '"line\\nbreak') }),
    }
    issuer.proxy.next(spaced)
    const { answer, kept } = await refresh(client, refreshToken)
    t.strictSame(answer, { kind: 'in_doubt', reason: 'answer is unusable' })
    t.equal(kept.length, 1)
  })

  t.test('an answer that is slower than the deadline is a doubt', async (t) => {
    const { refreshToken } = await logIn(client)
    issuer.proxy.next({ kind: 'hold' })
    const answer = exchangeRefreshToken(
      { ...LOOPBACK_ROOM, timeoutSeconds: 1 },
      { client, refreshToken, keepSuccessor: async () => {} },
    )
    await issuer.proxy.held()
    t.strictSame(await answer, { kind: 'in_doubt', reason: 'timed out' })
    issuer.proxy.release()
  })

  t.test('an answer that comes late but in time is as good as any', async (t) => {
    const { refreshToken } = await logIn(client)
    const before = issuer.counts('refresh_token')
    issuer.proxy.next({ kind: 'hold' })
    const refreshing = refresh(client, refreshToken)
    await issuer.proxy.held()
    t.equal(issuer.counts('refresh_token'), before + 1, 'the issuer has acted')
    issuer.proxy.release()
    t.match((await refreshing).answer, { kind: 'answered', hasSuccessor: true })
  })

  t.test('a person who left has a dead grant', async (t) => {
    const { refreshToken } = await logIn(client)
    issuer.controls.disableAccount('alice')
    t.match((await refresh(client, refreshToken)).answer, { kind: 'grant_dead' })
  })
})

t.test('what could not even be begun was not sent', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)
  const metadata = { ...client.metadata, token_endpoint: 'nowhere' }
  const { answer, kept } = await refresh({ ...client, metadata }, Secret.fromText('a-token'))
  t.same(answer, { kind: 'not_sent', reason: 'request could not be made' })
  t.same(kept, [])
})

t.test('an issuer that is not there was sent nothing', async (t) => {
  const server = await startCannedServer(() => ({}))
  await server.close()
  const client = {
    clientId: 'me',
    metadata: { issuer: server.origin, token_endpoint: `${server.origin}/token` },
  }
  t.strictSame((await refresh(client, Secret.fromText('RT'))).answer, {
    kind: 'not_sent',
    reason: 'connection refused',
  })
})

t.test(
  'an answer no token endpoint gives is not a lost one, and one that gave tokens is',
  async (t) => {
    let said: CannedAnswer | undefined
    const server = await startCannedServer(() => said)
    t.teardown(() => server.close())
    const client = {
      clientId: 'me',
      metadata: { issuer: server.origin, token_endpoint: `${server.origin}/token` },
    }
    const page = { headers: { 'content-type': 'text/html' }, body: '<p>access_token</p>' }
    const text = { headers: { 'content-type': 'text/plain' }, body: 'forbidden' }
    const table: readonly (readonly [CannedAnswer, string])[] = [
      [{ status: 302, headers: { location: 'https://portal.example/' } }, 'unusable'],
      [page, 'unusable'],
      [{ status: 403, ...text }, 'unusable'],
      [{ status: 400, body: '' }, 'refused_bare'],
      [{ status: 401, body: ' \r\n', headers: { 'content-type': '' } }, 'refused_bare'],
      [{ status: 400, body: '{"message":"no"}' }, 'refused_bare'],
      [{ status: 400, ...page }, 'unusable'],
      [{ status: 401, ...text }, 'unusable'],
      [{ status: 403, body: '' }, 'unusable'],
      [{ status: 400, body: '{"error":"server_error"}' }, 'unusable'],
      [{ status: 404, ...page }, 'unusable'],
      [{ status: 500, ...page }, 'unusable'],
      [{ status: 502 }, 'unusable'],
      [{ status: 504, body: '{"access_token":"a"}' }, 'unusable'],
      [{ body: '' }, 'unusable'],
      [{ status: 204 }, 'unusable'],
      [{ body: '{}' }, 'unusable'],
      [{ body: '{"access_token":"a"}' }, 'in_doubt'],
      [{ body: '{"access_token":"a","token_type":"ba' }, 'in_doubt'],
      [{ headers: { 'content-type': 'text/plain' }, body: 'access_token=a' }, 'in_doubt'],
      [{ body: '{"access_token":"two words","token_type":"bearer"}' }, 'in_doubt'],
      [{ headers: { 'content-length': '99' }, body: '<p>' }, 'in_doubt'],
    ]
    for (const [answer, kind] of table) {
      said = answer
      t.match(
        (await refresh(client, Secret.fromText('RT'))).answer,
        { kind },
        JSON.stringify(answer),
      )
    }
  },
)

t.test('an issuer that does not rotate leaves the old token in place', async (t) => {
  const server = await startCannedServer(() => ({
    body: '{"access_token":"a","token_type":"bearer","refresh_token":null}',
  }))
  t.teardown(() => server.close())
  const client = {
    clientId: 'me',
    metadata: { issuer: server.origin, token_endpoint: `${server.origin}/token` },
  }
  const { answer, kept } = await refresh(client, Secret.fromText('RT'))
  t.strictSame(answer, {
    kind: 'answered',
    answer: { accessToken: 'a', tokenType: 'Bearer' },
    hasSuccessor: false,
  })
  t.equal(kept.length, 0)
})

t.test('wherever an answer breaks off, a refresh token that came whole is kept', async (t) => {
  const issuer = await startOidcIssuer({ rotationGraceSeconds: 600 })
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)
  const login = await logIn(client)
  let current = login.refreshToken
  let length = Number.POSITIVE_INFINITY
  const wrong: string[] = []
  let kept = 0
  for (let at = 0; at <= length; at++) {
    let isWhole = false
    issuer.proxy.next({
      kind: 'rewrite',
      rewrite: (answer) => {
        const { refresh_token } = JSON.parse(answer.body) as { refresh_token: string }
        length = Buffer.byteLength(answer.body)
        isWhole = answer.body.slice(0, at).includes(`"${refresh_token}"`)
        return { ...answer, cutAfterBytes: at }
      },
    })
    const {
      answer,
      kept: [successor],
    } = await refresh(client, current)
    if ((successor !== undefined) !== isWhole) wrong.push(`cut after ${at} of ${length}`)
    if ((answer.kind === 'answered') !== (at === length)) wrong.push(`${answer.kind} after ${at}`)
    // where it broke off before, the issuer gives the same answer to the same token again
    current = successor?.refreshToken ?? current
    if (successor !== undefined) kept += 1
  }
  t.same(wrong, [])
  t.ok(kept > 0 && kept < length, `${kept} of ${length} cuts left it whole`)
})

t.test('whoever has a certificate that nobody vouches for sees no byte of a refresh', async (t) => {
  let seen = 0
  const server = createServer(selfSigned(), (_request, response) => {
    seen += 1
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { clientId: 'me', metadata: { issuer, token_endpoint: `${issuer}/token` } }
  t.strictSame((await refresh(client, Secret.fromText('RT'))).answer, {
    kind: 'untrusted',
    reason: 'certificate not trusted',
  })
  t.equal(seen, 0)
})
