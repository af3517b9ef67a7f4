import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ERRORS, type ErrorCode, type Problem } from '@grantd/client/protocol'

/** One request as the daemon saw it. */
export interface SeenRequest {
  readonly listener: 'broker' | 'admin'
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** What the daemon sends back. */
export interface FakeReply {
  readonly status: number
  readonly body: unknown
}

/** What the daemon answers, by `listener METHOD /path`. */
export type Script = Readonly<
  Record<string, (request: SeenRequest) => FakeReply | Promise<FakeReply>>
>

/** A 200 with `body`. */
export function ok(body: unknown): FakeReply {
  return { status: 200, body }
}

/** A problem document. */
export function problem(code: ErrorCode, detail: string, extras: Partial<Problem> = {}): FakeReply {
  const { status, title } = ERRORS[code]
  return {
    status,
    body: { type: `urn:grantd:error:${code}`, title, status, code, detail, ...extras },
  }
}

/** A daemon that follows a script, behind real Unix sockets in a directory of its own. */
export class CliDaemon {
  readonly directory: string
  readonly seen: SeenRequest[] = []
  readonly #script: Script
  readonly #servers: Server[] = []

  private constructor(script: Script, directory: string) {
    this.#script = script
    this.directory = directory
  }

  /**
   * Listens on `broker.sock` and `admin.sock`; the test's teardown must call `stop()`.
   *
   * @param directory Made here; default is a new one.
   */
  static async start(script: Script, directory?: string): Promise<CliDaemon> {
    if (directory !== undefined) mkdirSync(directory, { mode: 0o700 })
    const daemon = new CliDaemon(script, directory ?? mkdtempSync(join(tmpdir(), 'grantd-cli-')))
    await daemon.#listen('broker')
    await daemon.#listen('admin')
    return daemon
  }

  socketPath(listener: 'broker' | 'admin'): string {
    return join(this.directory, `${listener}.sock`)
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    rmSync(this.directory, { recursive: true, force: true })
  }

  async #listen(listener: 'broker' | 'admin'): Promise<void> {
    const server = createServer((request, response) => {
      const send = ({ status, body }: FakeReply): void => {
        const bytes = Buffer.from(JSON.stringify(body))
        response
          .writeHead(status, {
            'content-type': status < 400 ? 'application/json' : 'application/problem+json',
            'content-length': bytes.length,
          })
          .end(bytes)
      }
      void this.#answer(listener, request).then(send)
    })
    await new Promise<void>((resolve) => server.listen(this.socketPath(listener), resolve))
    this.#servers.push(server)
  }

  async #answer(listener: 'broker' | 'admin', message: IncomingMessage): Promise<FakeReply> {
    const { method = '', url = '', headers } = message
    const text = (await message.setEncoding('utf8').toArray()).join('')
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const request = { listener, method, url, headers, body }
    this.seen.push(request)
    const step = this.#script[`${listener} ${method} ${url.replace(/\?.*/, '')}`]
    return step === undefined
      ? problem('unknown_grant', `not in the script: ${url}`)
      : step(request)
  }
}
