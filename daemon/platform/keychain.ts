import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildReply, ChildRequest } from './keychain-child.ts'

/** What is asked of the keychain of the operating system: one item, named by service and account. */
export type KeychainRequest =
  | { readonly op: 'get' | 'delete'; readonly service: string; readonly account: string }
  | {
      readonly op: 'set'
      readonly service: string
      readonly account: string
      /** Any bytes; the caller wipes them. */
      readonly secret: Uint8Array
    }

/** What came of it. */
export type KeychainReply =
  /** Of `get`; the caller wipes the bytes. */
  | { readonly kind: 'value'; readonly value: Buffer }
  /** Of `set` and `delete`. */
  | { readonly kind: 'done' }
  /** Absent OR locked: the library below cannot tell, so nothing may be concluded from it alone. */
  | { readonly kind: 'none' }
  /** A `set` that timed out may still have landed: read it back. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'crashed'; readonly signal: string }
  /** One line from the library, such as that there is no session bus. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/**
 * Asks the keychain once; never rejects.
 *
 * @param deadlineMs Milliseconds until the answer is `timeout`.
 * @param signal Makes the answer `timeout` at once.
 */
export type Keychain = (
  request: KeychainRequest,
  deadlineMs: number,
  signal?: AbortSignal,
) => Promise<KeychainReply>

/** What a keychain is reached by; nothing else of our environment gets to the child. */
const PASSED_ON = [
  'HOME',
  'USER',
  'LOGNAME',
  'PATH',
  'LANG',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
]

/** No item of ours comes near it; a longer answer is not ours. */
const MAX_ANSWER_BYTES = 65_536

/** Time the deadline has to kill the child before the child, thinking us dead, ends itself. */
const ORPHAN_GRACE_MS = 1000

/** A reason is one line in a sentence for a person. */
const MAX_REASON_LENGTH = 200

const CHILD = fileURLToPath(new URL('./keychain-child.js', import.meta.url))

/**
 * The keychain, each request in a short-lived process of its own: the library
 * below can hang a thread for good, and crash the process it lives in.
 *
 * @param environment Where to find the bus and the desktop; all but a few names is dropped.
 * @param command The program that answers. Default: `keychain-child.js` under this Node.
 */
export function isolatedKeychain(
  environment: NodeJS.ProcessEnv,
  command: readonly [string, ...string[]] = [process.execPath, CHILD],
): Keychain {
  const passed = PASSED_ON.filter((name) => environment[name] !== undefined)
  const env = Object.fromEntries(passed.map((name) => [name, environment[name]]))
  return async (request, deadlineMs, signal) => {
    if (signal?.aborted === true) return { kind: 'timeout' }
    const input = encodeRequest(request, deadlineMs)
    return await ask(command, { ...env, NODE_OPTIONS: '' }, input, deadlineMs, signal)
  }
}

/** A line of JSON, then the secret as it is: bytes can be wiped, strings cannot. */
function encodeRequest(request: KeychainRequest, deadlineMs: number): Buffer {
  const { op, service, account } = request
  const head: ChildRequest = { op, service, account, dieAfterMs: deadlineMs + ORPHAN_GRACE_MS }
  const line = Buffer.from(`${JSON.stringify(head)}\n`)
  return Buffer.concat(op === 'set' ? [line, request.secret] : [line])
}

function ask(
  [program, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  input: Buffer,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<KeychainReply> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env, cwd: '/' })
    const answer = Buffer.alloc(MAX_ANSWER_BYTES)
    let length = 0
    let isLate = false
    const giveUp = (): void => {
      isLate = true
      child.kill('SIGKILL')
    }
    const deadline = setTimeout(giveUp, deadlineMs)
    signal?.addEventListener('abort', giveUp)
    const end = (reply: KeychainReply): void => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', giveUp)
      input.fill(0)
      answer.fill(0)
      resolve(reply)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.copy(answer, length)
      chunk.fill(0)
    })
    // A child that ends without reading shows itself by its exit.
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => end(unavailable(error.message)))
    child.on('close', (_status, signal) => {
      if (isLate) end({ kind: 'timeout' })
      else if (signal !== null) end({ kind: 'crashed', signal })
      else end(decodeAnswer(answer.subarray(0, length)))
    })
    child.stdin.end(input)
  })
}

function decodeAnswer(answer: Buffer): KeychainReply {
  const end = answer.indexOf('\n')
  try {
    const reply = JSON.parse(answer.toString('utf8', 0, Math.max(end, 0))) as ChildReply
    switch (reply.kind) {
      case 'value':
        return { kind: 'value', value: copied(answer.subarray(end + 1)) }
      case 'done':
      case 'none':
        return { kind: reply.kind }
      case 'failed':
        return unavailable(reply.reason)
    }
  } catch {
    // told below
  }
  return unavailable('the helper gave no answer')
}

/** Never in Node's shared pool, where a wipe would be the only trace of an owner. */
function copied(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length)
  bytes.copy(copy)
  return copy
}

function unavailable(reason: string): KeychainReply {
  const [line = ''] = reason.split('\n')
  return { kind: 'unavailable', reason: line.slice(0, MAX_REASON_LENGTH) }
}
