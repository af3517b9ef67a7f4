import { type ClientName, formatClient, formatRequest, type WireRequest } from './format-request.ts'
import { Link, type LinkEnd, lost } from './link.ts'
import { PendingRequest } from './pending-request.ts'
import { trustSocket } from './trust-socket.ts'
import { GrantdUnreachableError } from './unreachable.ts'

// `@grantd/client/connection` is this module: a program that counts its milliseconds
// loads what asks one question and names each failure, and nothing more.
export { ERRORS, type ErrorCode, EXIT_UNREACHABLE, GrantdError } from './protocol.ts'
export { type SocketPaths, socketPaths } from './socket-path.ts'
export { GrantdUnreachableError, type UnreachableReason } from './unreachable.ts'

/**
 * Milliseconds a request may take unless told otherwise: a refresh at a slow issuer fits, and
 * a question to a person, which waits a minute for its turn and stands there for another.
 */
const DEFAULT_TIMEOUT_MS = 150_000

/** Longest delay a timer of Node holds, in milliseconds. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** Where a connection goes and who calls. */
export interface ConnectionOptions extends ClientName {
  /** Absolute path of the socket; see `socketPaths()`. */
  readonly socketPath: string
  /** Milliseconds a request may take, 1 to 2,147,483,647. Default 150,000. */
  readonly timeoutMs?: number | undefined
}

/** One request to the daemon. */
export interface ConnectionRequest extends WireRequest {
  /** Milliseconds this request may take, retry included. Default: the connection's. */
  readonly timeoutMs?: number | undefined
  /** Ends the wait, not what the daemon does; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /** True: never sent twice, for a verb that does more when it is repeated. Default false. */
  readonly once?: boolean | undefined
}

/**
 * A connection to one socket of the daemon. It connects at the first request,
 * again when it was lost, and sends requests without waiting for the answers of
 * earlier ones. Idle, it does not keep the process alive.
 *
 * A request whose connection is lost before any byte of its answer is sent once
 * more, because a daemon that restarts or closes an idle connection looks just
 * like that. It may then have been carried out already. For tokens that is
 * harmless: the daemon answers the second request from its cache or joins it to
 * the refresh under way, so no rotation is spent twice. Reading, logging in (it
 * joins the pending login) and revoking can be repeated too; for any other verb
 * there is `once`.
 */
export class GrantdConnection {
  readonly #path: string
  readonly #timeoutMs: number
  readonly #client: string
  #link: Link | undefined
  #isClosed = false

  /** @throws TypeError `name`, `version` or `timeoutMs` out of range */
  constructor(options: ConnectionOptions) {
    this.#path = options.socketPath
    this.#timeoutMs = checkTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    this.#client = formatClient(options)
  }

  /** How many requests wait for an answer. */
  get waitingCount(): number {
    return this.#link?.waitingCount ?? 0
  }

  /**
   * Sends a request.
   *
   * @returns The parsed JSON of the answer, or its text when it is not JSON.
   * @throws GrantdError what the daemon says
   * @throws GrantdUnreachableError no answer, or none of a daemon that is ours
   * @throws TypeError method, path, accept or timeout out of range
   */
  request(request: ConnectionRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw closed()
      const { signal, once = false } = request
      signal?.throwIfAborted()
      const text = formatRequest(request, this.#client)
      const timeoutMs = checkTimeout(request.timeoutMs ?? this.#timeoutMs)
      this.#send(new PendingRequest({ text, once, timeoutMs, signal, resolve, reject }))
    })
  }

  /** Closes the connection; whoever waits gets `GrantdUnreachableError` with reason `closed`. */
  close(): void {
    this.#isClosed = true
    this.#link?.end({ kind: 'failed', error: closed() })
  }

  #send(pending: PendingRequest): void {
    try {
      this.#link ??= this.#open()
      this.#link.send(pending)
    } catch (error) {
      pending.reject(error)
    }
  }

  #open(): Link {
    trustSocket(this.#path)
    return new Link(this.#path, (end, left) => {
      this.#link = undefined
      for (const pending of left) this.#sendAgain(pending, end)
    })
  }

  #sendAgain(pending: PendingRequest, end: LinkEnd): void {
    if (end.kind === 'lost') pending.losses += 1
    if (end.kind === 'failed') pending.reject(end.error)
    else if (pending.once || pending.losses > 1) pending.reject(lost())
    else if (!pending.isSettled) this.#send(pending)
  }
}

function checkTimeout(ms: number): number {
  if (ms >= 1 && ms <= MAX_TIMEOUT_MS) return ms
  throw new TypeError(`timeoutMs must be 1 to ${MAX_TIMEOUT_MS}`)
}

function closed(): GrantdUnreachableError {
  return new GrantdUnreachableError('closed', 'the client was closed')
}
