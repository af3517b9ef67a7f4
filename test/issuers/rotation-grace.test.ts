import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { clientOf, logIn } from './log-in.ts'
import { startOidcIssuer } from './oidc-issuer.ts'

/** An issuer, and what refreshes at it by hand. */
async function startIssuer(t: Test, rotationGraceSeconds: number) {
  const issuer = await startOidcIssuer({ rotationGraceSeconds })
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)
  const { refreshToken } = await logIn(client)
  const refresh = async (token: string) => {
    const answer = await fetch(`${issuer.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: client.clientId,
        refresh_token: token,
      }),
    })
    const body = (await answer.json()) as Readonly<Record<string, string>>
    return { status: answer.status, next: body['refresh_token'] ?? '', body }
  }
  return { issuer, refresh, first: refreshToken.reveal() }
}

t.test('within its grace an issuer repeats its answer, and says so in its log', async (t) => {
  const { issuer, refresh, first } = await startIssuer(t, 60)
  const answer = await refresh(first)
  const again = await refresh(first)
  t.same(again.body, answer.body)
  t.same(
    issuer.log.slice(-2).map(({ status, isRepeated }) => [status, isRepeated]),
    [
      [200, false],
      [200, true],
    ],
  )
  t.equal(issuer.log.at(-1)?.successorHash, issuer.log.at(-2)?.successorHash)
  t.equal(issuer.controls.liveRefreshTokens('alice'), 1)
})

t.test('a token whose successor was used is no good any more', async (t) => {
  const { issuer, refresh, first } = await startIssuer(t, 60)
  const { next } = await refresh(first)
  t.equal((await refresh(next)).status, 200)
  t.equal((await refresh(first)).status, 400)
  t.equal(issuer.controls.liveRefreshTokens('alice'), 0, 'the family has ended')
})

t.test('after its grace an issuer ends the family', async (t) => {
  const { issuer, refresh, first } = await startIssuer(t, 0.01)
  await refresh(first)
  await pause(50)
  t.equal((await refresh(first)).status, 400)
  t.equal(issuer.controls.liveRefreshTokens('alice'), 0)
})
