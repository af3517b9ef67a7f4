import { GrantdError } from '@grantd/client/protocol'
import { createIssuers } from '../../daemon/issuer/openid-issuers.ts'
import { BackOff } from '../../daemon/refresh/back-off.ts'
import type { RefreshAsk } from '../../daemon/refresh/check-answer.ts'
import type { RefreshOutcome } from '../../daemon/refresh/outcome.ts'
import { type RefreshRooms, refreshGrant } from '../../daemon/refresh/refresh-grant.ts'
import { FakeClock } from '../fakes/fake-clock.ts'
import { fakeVault } from '../fakes/fake-vault.ts'
import { API, sampleRecord } from '../fakes/sample-grant.ts'
import { claim } from './claim.ts'
import type { Conversation } from './conversation.ts'
import { hangsUp, type RawServer, startRawServer } from './raw-server.ts'

/** What is sent, and must not come back to any caller. */
const SENT = 'rt-sent-5PEAKS-OF-NOTHING'

/** What the issuer gives in its place. */
const NEXT = 'rt-next-5PEAKS-OF-NOTHING'

const ASK: RefreshAsk = { audience: API, scope: ['repo:read'], sentScope: ['repo:read'] }

const GIVEN = JSON.stringify({
  refresh_token: NEXT,
  access_token: 'at-1',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'repo:read',
})
const SLOW = JSON.stringify({ error: 'slow_down', error_description: 'later' })
const DEAD = JSON.stringify({ error: 'invalid_grant', error_description: 'spent' })

function answer(status: string, body: string, more = ''): Buffer {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${more}`
  return Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
}

const GOOD = answer('200 OK', GIVEN, 'Cache-Control: no-store\r\n')
const CHUNKED = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${GIVEN.length.toString(16)}\r\n${GIVEN}\r\n0\r\n\r\n`,
)

/** The least of it that gives a successor. */
const UP_TO_SUCCESSOR = GOOD.toString('latin1').split(',"access_token"')[0] ?? ''

/** Words after which a login is all that helps; an answer without one must not cost the grant. */
const DEADLY = /invalid_grant|bad_refresh_token/

/** More than any pause after an answer. */
const LONG_MS = 7_200_000

/** The token endpoint of an issuer, with whatever bytes, through a whole refresh. */
export const CONVERSATION: Conversation = {
  name: 'issuer',
  seeds: [
    GOOD,
    CHUNKED,
    answer('200 OK', GIVEN.replace(`"refresh_token":"${NEXT}",`, '')),
    answer('400 Bad Request', DEAD),
    answer('400 Bad Request', SLOW, 'Retry-After: 3\r\n'),
    answer(
      '401 Unauthorized',
      '{}',
      'WWW-Authenticate: Basic realm="x", error="invalid_client"\r\n',
    ),
    answer('302 Found', '', 'Location: http://127.0.0.1:1/\r\n'),
    answer('101 Switching Protocols', '', 'Connection: upgrade\r\nUpgrade: x\r\n'),
    answer('200 OK', GIVEN.replace('at-1', SENT)),
    answer('503 Service Unavailable', '', 'Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n'),
  ],
  words: [
    'Transfer-Encoding: chunked\r\n',
    'Content-Encoding: gzip\r\n',
    'Content-Encoding: br, deflate\r\n',
    'Content-Length: 0\r\n',
    'Location: http://127.0.0.1:1/\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
    'HTTP/1.1 302 Found\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
    '\r\n\r\n',
    '"refresh_token":"',
    '"refresh_token":null,',
    `"id_token":"${SENT}",`,
    `"access_token":"${SENT}",`,
    '"expires_in":1e999,',
    '"expires_in":"300",',
    '"scope":"repo:admin",',
    '"token_type":"DPoP",',
    '"error":"invalid_grant",',
    '"access_token":"eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.",',
    '\\u0072efresh_token',
    '\\ud800',
    '\xff',
  ],
  async open() {
    const server = await startRawServer({ host: '127.0.0.1', port: 0 })
    const origin = `http://127.0.0.1:${server.port}`
    const metadata = { issuer: origin, token_endpoint: `${origin}/token` }
    return {
      check: async (bytes) => await checkRefresh(server, metadata, bytes),
      close: () => server.close(),
    }
  },
}

async function checkRefresh(
  server: RawServer,
  metadata: { readonly issuer: string; readonly token_endpoint: string },
  bytes: Buffer,
): Promise<void> {
  const clock = new FakeClock()
  const { vault } = fakeVault()
  const rooms: RefreshRooms = {
    clock,
    vault,
    backOff: new BackOff({ clock, random: () => 0 }),
    issuers: createIssuers({ clock, allowLoopbackHttp: true, timeoutSeconds: 5, clientName: 'x' }),
  }
  await vault.add(sampleRecord({ metadata }, SENT))
  const asked = server.asked()
  server.answerWith(bytes)
  const outcome = await outcomeOf(rooms)
  claim(server.asked() === asked + 1, 'the token was sent more than once, or not at all')
  checkOutcome(outcome)
  const state = vault.get('grant-1')?.state.kind
  claim(state !== 'refreshing' && state !== undefined, 'an exchange that never ends')
  claim(!cameWithSuccessor(bytes) || currentToken(rooms) === NEXT, 'a successor that came is lost')
  const isDead = state === 'login_required'
  const words = bytes
    .toString('latin1')
    .replace(/\\u00([0-9a-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
  claim(!isDead || DEADLY.test(words), 'a grant that died of an answer which says nothing of it')
  // a broken answer may have given something as a token that stands in any answer
  const current = currentToken(rooms) ?? SENT
  if (current !== NEXT && GOOD.includes(current)) return
  clock.advance(LONG_MS)
  server.answerWith(GOOD)
  const { kind } = await outcomeOf(rooms)
  claim(isDead ? kind === 'permanent' : kind === 'rotated', `then a good answer ends in ${kind}`)
}

async function outcomeOf(rooms: RefreshRooms): Promise<RefreshOutcome> {
  try {
    return await refreshGrant(rooms, 'grant-1', ASK, async () => undefined)
  } catch (error) {
    claim(error instanceof GrantdError, `an error of another kind: ${String(error)}`)
    throw error
  }
}

function checkOutcome(outcome: RefreshOutcome): void {
  claim(!JSON.stringify(outcome).includes(SENT), 'what was sent comes back')
  if ('detail' in outcome) {
    claim(/^[\x20-\x7e]{1,200}$/.test(outcome.detail), 'a reason in words of the issuer')
    claim(!outcome.detail.includes(NEXT), 'a reason that holds a token')
  }
  if ('token' in outcome) {
    const { value, scope } = outcome.token
    claim(/^[\x21-\x7e]+$/.test(value), 'an access token that fits into no header')
    claim(
      scope.every((word) => word === 'repo:read'),
      'more than was asked for',
    )
  }
}

/** True where the successor came for certain, and no other beside it, whatever became of the rest. */
function cameWithSuccessor(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  const rest = text.slice(UP_TO_SUCCESSOR.length)
  const isAlone = !/_token|\\/.test(rest.replace('"access_token":', ''))
  return text.startsWith(UP_TO_SUCCESSOR) && isAlone && !hangsUp(bytes)
}

function currentToken({ vault }: RefreshRooms): string | undefined {
  return vault.open('grant-1').refreshToken?.reveal()
}
