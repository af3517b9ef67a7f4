/*
 * Loaded into an unchanged daemon with `node --import`: it watches what the daemon writes and
 * sends, tells each moment on descriptor 3 as it happens, and kills the process at the
 * one it was armed for. The daemon itself knows nothing of it.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { BEGIN, type Call, type Order, type Seen, trigger } from './crash-point.ts'

/** Stays open for the life of the process; the harness reads it to its end after a kill. */
const TRACE = 3

type Method = (this: unknown, ...args: unknown[]) => unknown

const writeNow = fs.writeSync.bind(fs)
const paths = new WeakMap<FileHandle, string>()
const descriptors = new Map<number, string>()
let isMoment: (seen: Seen) => boolean = () => false

function reach(call: Call, when: Seen['when'], target: string, text = ''): void {
  const seen: Seen = { call, when, target, text }
  writeNow(TRACE, `${JSON.stringify(seen)}\n`)
  if (isMoment(seen)) process.kill(process.pid, 'SIGKILL')
}

/** What a call is about; `undefined` when it is none of ours. */
type Describe = (self: unknown, args: readonly unknown[]) => [target: string, text?: string]

/** Tells of both sides of a call, whether it blocks, promises or calls back. */
function watch(owner: object, name: string, call: Call, describe: Describe): void {
  const methods = owner as Record<string, Method>
  const original = methods[name]
  if (original === undefined) throw new TypeError(`nothing is called "${name}"`)
  methods[name] = function (...args) {
    const about = describe(this, args)
    const last = args.at(-1)
    reach(call, 'before', ...about)
    if (typeof last === 'function') {
      args[args.length - 1] = (...results: unknown[]) => {
        reach(call, 'after', ...about)
        return (last as Method).apply(undefined, results)
      }
      return original.apply(this, args)
    }
    const result = original.apply(this, args)
    if (!(result instanceof Promise)) {
      reach(call, 'after', ...about)
      return result
    }
    return result.then((value: unknown) => {
      reach(call, 'after', ...about)
      return value
    })
  }
}

const first: Describe = (_, args) => [String(args[0])]
const second: Describe = (_, args) => [String(args[1])]
const ofHandle: Describe = (self) => [paths.get(self as FileHandle) ?? '']
const ofDescriptor: Describe = (_, args) => [descriptors.get(Number(args[0])) ?? '', '']
const ofLine: Describe = (_, args) => [descriptors.get(Number(args[0])) ?? '', eventsIn(args[1])]

/** Names of audit events: a sealed record has none, and nothing else of a line is repeated. */
function eventsIn(bytes: unknown): string {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : String(bytes)
  return [...text.matchAll(/"event":"([a-z_.]+)"/g)].map((found) => found[1]).join(' ')
}

const { open } = promises
promises.open = async (path, ...more) => {
  const handle = await open(path, ...more)
  paths.set(handle, String(path))
  return handle
}
const { openSync } = fs
fs.openSync = (path, ...more) => {
  const descriptor = openSync(path, ...more)
  descriptors.set(descriptor, String(path))
  return descriptor
}
const probe = await open('/dev/null')
const handles = Object.getPrototypeOf(probe) as object
await probe.close()
for (const name of ['write', 'writeFile']) watch(handles, name, 'write', ofHandle)
for (const name of ['sync', 'datasync']) watch(handles, name, 'sync', ofHandle)
watch(promises, 'open', 'open', first)
watch(fs, 'openSync', 'open', first)
watch(promises, 'rename', 'rename', second)
watch(promises, 'rm', 'remove', first)
watch(promises, 'unlink', 'remove', first)
watch(fs, 'renameSync', 'rename', second)
watch(fs, 'writeSync', 'write', ofLine)
for (const name of ['fsyncSync', 'fdatasyncSync', 'fsync', 'fdatasync'])
  watch(fs, name, 'sync', ofDescriptor)

const { request } = http
http.request = ((...args: Parameters<typeof request>) => {
  const asked = request(...args)
  if (asked.method === 'POST') follow(asked)
  return asked
}) as typeof request

/** One request to an issuer: on its way, its answer begun, its answer read to the end. */
function follow(asked: ClientRequest): void {
  const { path } = asked
  const end = asked.end.bind(asked) as (body?: unknown) => ClientRequest
  let hash = ''
  asked.end = ((body?: unknown) => {
    hash = hashIn(body)
    reach('send', 'before', path, hash)
    return end(body)
  }) as typeof asked.end
  asked.once('finish', () => reach('send', 'after', path, hash))
  asked.once('response', (answer: IncomingMessage) => {
    const text = `${answer.statusCode} ${hash}`
    reach('answer', 'before', path, text)
    answer.once('end', () => reach('answer', 'after', path, text))
  })
}

/** Base64url SHA-256 of the refresh token in a form, as the issuer's log has it. */
function hashIn(body: unknown): string {
  if (!Buffer.isBuffer(body)) return ''
  const token = new URLSearchParams(body.toString()).get('refresh_token')
  return token === null ? '' : createHash('sha256').update(token).digest('base64url')
}

syncBuiltinESMExports()

const { now } = Date
let advancedMs = 0
Date.now = () => now() + advancedMs

process.on('message', (order: Order) => {
  if (order.kind === 'advance') {
    advancedMs += order.seconds * 1000
  } else {
    writeNow(TRACE, `${JSON.stringify(BEGIN)}\n`)
    isMoment = order.point === undefined ? () => false : trigger(order.point)
  }
  process.send?.({ kind: 'done' })
})
// a harness that was ended leaves no daemon behind
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// whoever listens for messages would keep the daemon from ending
process.channel?.unref()
