import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GrantDetail, LoginRequest, LoginView, TokenResponse } from '@grantd/client/protocol'
import { auditText } from '../fakes/audit-text.ts'
import { approveDevice, type Person } from '../issuers/approve.ts'
import {
  API_A,
  type IssuerOptions,
  startOidcIssuer,
  type TestIssuer,
} from '../issuers/oidc-issuer.ts'
import { COMMAND, type Run, startCommand, UNBUNDLED, UNTOUCHED } from './command.ts'

/** Every scope of the first API, and what a login needs besides. */
export const FULL_SCOPE = 'openid offline_access repo:read repo:write'

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Parsed when it is JSON, else `undefined`. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** A daemon in a process of its own, in a temporary home, with a real issuer on loopback. */
export interface World {
  readonly directory: string
  /** Where the vault and the audit log are. */
  readonly stateDirectory: string
  readonly issuer: TestIssuer
  readonly sockets: { readonly broker: string; readonly admin: string }
  readonly environment: NodeJS.ProcessEnv
  /** Everything the daemon wrote to its standard streams so far. */
  output(): string
  auditLog(): string
  ask(role: 'broker' | 'admin', method: string, path: string, ask?: Ask): Promise<Answer>
  /** `POST /v1/token`. */
  token(request: object): Promise<Answer>
  /** A device login that waits for the person. */
  startLogin(request?: Partial<LoginRequest>): Promise<LoginView>
  /** A finished device login, approved on the issuer's own pages. */
  login(request?: Partial<LoginRequest>, person?: Person): Promise<GrantDetail>
  /** Runs the command in the same home. */
  run(args: readonly string[], input?: string): Promise<Run>
  /** Ends the daemon with SIGTERM and starts it again in the same home. */
  restart(): Promise<void>
  /** Ends the daemon with SIGKILL. */
  kill(): Promise<void>
  daemonPid(): number
  /** What `grantd serve` was started with. */
  readonly serveArguments: readonly string[]
  close(): Promise<void>
}

/** Runs a module of the test before the daemon's own. */
const PRELOADED = fileURLToPath(new URL('../fakes/preloaded.js', import.meta.url))

/** What a request carries beyond its path. */
interface Ask {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** How a world differs from the usual one. */
export interface WorldOptions {
  readonly issuer?: IssuerOptions
  /** Text of the configuration file; default keeps grants in memory. */
  readonly config?: string
  /** More of the daemon's environment, such as where a session bus is. */
  readonly environment?: NodeJS.ProcessEnv
  /** A program and its arguments, which starts each daemon as its own child or in its place. */
  readonly launcher?: readonly string[]
  /** A module that is loaded into each daemon before its own. */
  readonly preload?: Preload
  /** Another copy of the command, whose daemon it is. */
  readonly copy?: string
}

/** Something of the test's that lives in the daemon's process. */
export interface Preload {
  /** A `file:` address. */
  readonly module: string
  /** Gets each daemon as soon as it runs; descriptor 3 is a pipe, and there is a channel for messages. */
  readonly launched?: (daemon: ChildProcess) => void
}

/** Starts a daemon and an issuer; `close` leaves nothing behind. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'grantd-test-'))
  const paths = {
    runtime: join(directory, 'run', 'grantd'),
    state: join(directory, 'state', 'grantd'),
    config: join(directory, 'config.toml'),
  }
  writeFileSync(paths.config, options.config ?? '[vault]\nsealing_key = "memory"\n', {
    mode: 0o600,
  })
  const issuer = await startOidcIssuer(options.issuer)
  const sockets = {
    broker: join(paths.runtime, 'broker.sock'),
    admin: join(paths.runtime, 'admin.sock'),
  }
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: directory,
    XDG_RUNTIME_DIR: join(directory, 'run'),
    GRANTD_SOCK: sockets.broker,
    ...options.environment,
  }
  const serveArguments = [
    '--allow-loopback-http-issuer',
    `--runtime-dir=${paths.runtime}`,
    `--state-dir=${paths.state}`,
    `--config=${paths.config}`,
  ]
  let output = ''
  const launch = async (): Promise<ChildProcess> => {
    const { preload, launcher = [], copy = COMMAND } = options
    const program = preload === undefined ? [copy] : [PRELOADED, preload.module, UNBUNDLED]
    const command = [...UNTOUCHED, process.execPath, ...program, 'serve', ...serveArguments]
    const [file = '', ...args] = [...launcher, ...command]
    const child: ChildProcess = spawn(file, args, {
      env: environment,
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe', ...(preload ? (['pipe', 'ipc'] as const) : [])],
    })
    preload?.launched?.(child)
    const { stdout, stderr } = child
    if (stdout === null || stderr === null) throw new TypeError('both are pipes')
    for (const stream of [stdout, stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    while (!output.includes('"listening"')) {
      const [event] = await Promise.race([
        once(stderr, 'data').then(() => ['data']),
        once(child, 'exit').then(() => ['exit']),
      ])
      if (event === 'exit') throw new Error(`the daemon did not start: ${output}`)
    }
    return child
  }
  let child = await launch()
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  const ask: World['ask'] = (role, method, path, more = {}) =>
    askSocket(sockets[role], method, path, more)
  const world: World = {
    directory,
    stateDirectory: paths.state,
    issuer,
    sockets,
    environment,
    output: () => output,
    auditLog: () => auditText(paths.state),
    ask,
    token: (request) => ask('broker', 'POST', '/v1/token', { body: request }),
    startLogin: (request) => startLogin(world, request),
    login: (request, person) => logIn(world, request, person),
    run: (args, input) => startCommand(args, { environment, directory }, input).ended,
    async restart() {
      await stop()
      output = ''
      child = await launch()
    },
    kill: () => stop('SIGKILL'),
    serveArguments,
    daemonPid: () => child.pid ?? -1,
    async close() {
      await stop()
      await issuer.close()
      // a keychain's child may still be ending in there
      rmSync(directory, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 })
    },
  }
  return world
}

/** One request with the headers every request needs. */
async function askSocket(
  socketPath: string,
  method: string,
  path: string,
  { body, headers = {} }: Ask = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return await new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath,
      method,
      path,
      agent: false,
      headers: {
        host: 'grantd',
        'grantd-client': 'test/1',
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
        ...headers,
      },
    })
    request.once('error', reject)
    request.once('response', (response) => {
      let answer = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        answer += part
      })
      response.once('error', reject)
      response.once('end', () => {
        const isJson = /json/.test(response.headers['content-type'] ?? '')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: answer,
          body: isJson ? (JSON.parse(answer) as Record<string, unknown>) : undefined,
        })
      })
    })
    request.end(text)
  })
}

/** The token of an answer; throws what came instead. */
export function tokenOf(answer: Answer): TokenResponse {
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`)
  return answer.body as unknown as TokenResponse
}

async function startLogin(world: World, request: Partial<LoginRequest> = {}): Promise<LoginView> {
  const { issuer } = world
  const started = await world.ask('admin', 'POST', '/v1/logins', {
    body: {
      grant: 'work',
      issuer: issuer.issuer,
      client_id: issuer.clientId,
      scope: FULL_SCOPE,
      audience: [API_A],
      flow: 'device',
      scope_narrowing: 'honored',
      ...request,
    },
  })
  if (started.status !== 200) throw new Error(`no login: ${started.text}`)
  return started.body as unknown as LoginView
}

async function logIn(
  world: World,
  request: Partial<LoginRequest> = {},
  person: Person = {},
): Promise<GrantDetail> {
  const view = await startLogin(world, request)
  await approveDevice(view.verification_uri_complete ?? '', person)
  const ended = await world.ask('admin', 'GET', `/v1/logins/${view.id}?wait=20`)
  const { result } = ended.body as unknown as LoginView
  if (result === undefined) throw new Error(`the login failed: ${ended.text}`)
  return result
}
