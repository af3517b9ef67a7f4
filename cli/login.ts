import { GrantdError } from '@grantd/client/connection'
import { isErrorCode, type LoginRequest, type LoginView } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import { earlierLogin } from './earlier-login.ts'
import { followLogin } from './follow-login.ts'
import { onlyGrantName } from './grant-name.ts'
import { interruption } from './interruption.ts'
import { defaultFlow } from './login-flow.ts'
import { loginJson } from './login-json.ts'
import { HELP, OPTIONS } from './login-options.ts'
import type { LeftLogin, LoginReport } from './login-report.ts'
import { loginRequest } from './login-request.ts'
import { loginTerminal } from './login-terminal.ts'
import { type Parsed, parseOptions } from './options.ts'
import { readSecret } from './read-secret.ts'
import type { Connection, World } from './world.ts'

export { HELP, OPTIONS }

/** The daemon asks the issuer, twice, before it answers. */
const START_TIMEOUT_MS = 60_000

/** The person waits for the shell's prompt. */
const CANCEL_TIMEOUT_MS = 5_000

/** `grantd login`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, OPTIONS)
  const isTerminal = world.stdin.isTTY === true && world.stderr.isTTY
  const request = loginRequest(
    parsed,
    defaultFlow({ env: world.env, platform: world.platform, isTerminal }),
    parsed.values.issuer === undefined && parsed.values.preset === undefined
      ? await earlierLogin(world, onlyGrantName(parsed.positionals))
      : undefined,
  )
  const secret = await clientSecret(world, parsed.values)
  const report = reportFor(world, request, isTerminal, parsed.values)
  const admin = world.connect('admin')
  const interrupted = interruption(world)
  try {
    // Not given up half-way at a signal: a request that was sent may have started a login.
    const login = await start(admin, { ...request, ...secret }).catch(showingTheWay)
    const end = await accompany(world, admin, login, report, interrupted.signal)
    if (end === 'declined') return 1
    if (end !== undefined) return conclude(report, end)
    report.interrupted(await leave(world, login))
    return interrupted.exitStatus()
  } finally {
    report.end()
    interrupted.stop()
  }
}

type Values = Parsed<typeof OPTIONS>['values']

async function clientSecret(
  world: World,
  values: Values,
): Promise<Pick<LoginRequest, 'client_secret' | 'registration_token'>> {
  if (values['registration-token-stdin'] === true)
    return { registration_token: await readSecret(world.stdin, 'the registration token') }
  if (values['client-secret-stdin'] !== true) return {}
  return { client_secret: await readSecret(world.stdin, 'the client secret') }
}

function reportFor(
  world: World,
  request: LoginRequest,
  isTerminal: boolean,
  values: Values,
): LoginReport {
  if (values.json === true) return loginJson(world)
  const mayOpenBrowser = isTerminal && values['no-browser'] !== true
  const mayDrawQr = values['no-qr'] !== true
  return loginTerminal(world, { request, isTerminal, mayOpenBrowser, mayDrawQr })
}

async function start(admin: Connection, body: LoginRequest): Promise<LoginView> {
  return answer<LoginView>(
    await admin.request({
      method: 'POST',
      path: '/v1/logins',
      body,
      timeoutMs: START_TIMEOUT_MS,
      // Sent twice, our own login would come back as somebody else's.
      once: true,
    }),
    'id',
    'state',
    'joined',
    'expires_in',
  )
}

/** The login that stands in the way is shown, so that the person can end it. */
function showingTheWay(error: unknown): never {
  if (!(error instanceof GrantdError)) throw error
  const { verificationUri, userCode } = error.login ?? {}
  if (verificationUri === undefined) throw error
  const code = userCode === undefined ? '' : `, enter ${userCode}`
  throw new GrantdError(error.code, error.message, {
    hint: `a login is already pending: open ${verificationUri}${code}`,
    retryAfterSeconds: error.retryAfterSeconds,
    login: error.login,
  })
}

/** @returns the login's end, or undefined when a signal came first. */
async function accompany(
  world: World,
  admin: Connection,
  login: LoginView,
  report: LoginReport,
  signal: AbortSignal,
): Promise<LoginView | 'declined' | undefined> {
  if (signal.aborted) return undefined
  const joins = !login.joined || (await report.joins(login, signal))
  if (joins === undefined) return undefined
  if (!joins) return 'declined'
  await report.started(login)
  const onView = (view: LoginView): void => report.progress(view)
  return followLogin({ admin, timers: world.timers, signal, onView }, login)
}

function conclude(report: LoginReport, login: LoginView): number {
  report.ended(login)
  if (login.state === 'complete') return 0
  const { problem } = login
  if (problem === undefined) throw new Error('the login was cancelled')
  if (!isErrorCode(problem.code)) throw new Error(problem.detail)
  throw new GrantdError(problem.code, problem.detail, {
    hint: problem.hint,
    retryAfterSeconds: problem.retry_after,
  })
}

/** Takes back what this command started; a login it only joined belongs to somebody else. */
async function leave(world: World, login: LoginView): Promise<LeftLogin> {
  if (login.joined) return { kind: 'detached' }
  const path = `/v1/logins/${encodeURIComponent(login.id)}`
  try {
    const call = { method: 'DELETE', path, timeoutMs: CANCEL_TIMEOUT_MS } as const
    // A connection of its own: nothing waits on it behind the poll that was given up.
    const view = answer<LoginView>(await world.connect('admin').request(call), 'state')
    return { kind: 'cancelled', view }
  } catch (error) {
    return { kind: 'stays', detail: error instanceof Error ? error.message : String(error) }
  }
}
