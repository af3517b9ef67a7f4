import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault, FaultAfter, ProxiedAnswer } from './faults.ts'

export { FAULTS, type Fault } from './faults.ts'

/** A proxy on 127.0.0.1 in front of one server on 127.0.0.1, honest until told otherwise. */
export interface FaultyProxy {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly origin: string
  /** Where requests go; requests before the first call are answered 502. */
  forwardTo(port: number): void
  /**
   * The next requests to a path go wrong; faults queue up in the order of the calls.
   *
   * @param times How many requests, default 1.
   * @param path Default `/token`.
   */
  next(fault: Fault, times?: number, path?: string): void
  /** Takes back every fault that has not happened yet; what is held stays held. */
  heal(): void
  /** The form of every request to a path so far, whatever became of it. */
  asked(path: string): readonly URLSearchParams[]
  /**
   * Resolves once the proxy holds something: an answer, the rest of one, or a request.
   *
   * @param count How many at least, default 1.
   */
  held(count?: number): Promise<void>
  /** Sends everything that is held on its way; a later `hold` holds again. */
  release(): void
  /** Ends the connections of everything that is held: nothing of it gets anywhere. */
  discard(): void
  close(): Promise<void>
}

/** Something that waits in the proxy. */
interface Held {
  readonly outgoing: ServerResponse
  readonly resolve: () => void
}

/** Starts a proxy that forwards `Host`, so that an issuer behind it knows itself by the proxy's address. */
export async function startFaultyProxy(): Promise<FaultyProxy> {
  let target: number | undefined
  const seen: { readonly path: string; readonly form: URLSearchParams }[] = []
  let held: Held[] = []
  const holds = new EventEmitter<{ hold: [] }>()
  let queue: { readonly fault: Fault; readonly path: string }[] = []

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming)
    const path = new URL(incoming.url ?? '/', 'http://proxy').pathname
    seen.push({ path, form: new URLSearchParams(body.toString()) })
    const at = queue.findIndex((planned) => planned.path === path)
    const fault = at < 0 ? undefined : queue.splice(at, 1)[0]?.fault
    if (fault?.kind === 'drop_before') {
      incoming.socket.destroy()
      return
    }
    if (fault?.kind === 'answer') {
      reply(outgoing, fault.answer(new URLSearchParams(body.toString())))
      return
    }
    if (target === undefined) {
      reply(outgoing, { status: 502, headers: {}, body: 'nothing behind the proxy' })
      return
    }
    if (fault?.kind !== 'hold_request') {
      await act(target, incoming, body, outgoing, fault)
      return
    }
    await released(outgoing)
    if (!outgoing.destroyed) await act(target, incoming, body, outgoing, fault.next)
  }

  async function act(
    port: number,
    incoming: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
    fault: FaultAfter | undefined,
  ): Promise<void> {
    const answer = await forward(port, incoming, body)
    switch (fault?.kind) {
      case 'drop_after':
        incoming.socket.destroy()
        return
      case 'delay':
        await pause(fault.milliseconds)
        reply(outgoing, answer)
        return
      case 'hold':
        await released(outgoing)
        reply(outgoing, answer)
        return
      case 'stall':
        await replySlowly(outgoing, answer, [fault.afterBytes], () => released(outgoing))
        return
      case 'drip': {
        const everyByte = Array.from({ length: Buffer.byteLength(answer.body) }, (_, at) => at)
        await replySlowly(outgoing, answer, everyByte, () => pause(fault.milliseconds))
        return
      }
      case 'duplicate': {
        const second = await forward(port, incoming, body)
        reply(outgoing, fault.answer === 'first' ? answer : second)
        return
      }
      case 'rewrite':
        reply(outgoing, fault.rewrite(answer))
        return
      case undefined:
        reply(outgoing, answer)
    }
  }

  /** Resolves with the next `release` or `discard`. */
  async function released(outgoing: ServerResponse): Promise<void> {
    await new Promise<void>((resolve) => {
      held.push({ outgoing, resolve })
      holds.emit('hold')
    })
  }

  /** Takes all that is held. */
  function taken(): readonly Held[] {
    const all = held
    held = []
    return all
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo(port) {
      target = port
    },
    next(fault, times = 1, path = '/token') {
      for (let i = 0; i < times; i++) queue.push({ fault, path })
    },
    heal() {
      queue = []
    },
    asked: (path) => seen.filter((each) => each.path === path).map(({ form }) => form),
    async held(count = 1) {
      while (held.length < count) await once(holds, 'hold')
    },
    release() {
      for (const { resolve } of taken()) resolve()
    },
    discard() {
      for (const { outgoing, resolve } of taken()) {
        outgoing.destroy()
        resolve()
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function forward(
  port: number,
  incoming: IncomingMessage,
  body: Buffer,
): Promise<ProxiedAnswer> {
  const onward = request({
    port,
    host: '127.0.0.1',
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
    agent: false,
  })
  onward.end(body)
  const [answer] = (await once(onward, 'response')) as [IncomingMessage]
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (name === 'set-cookie' || value === undefined) continue
    headers[name] = String(value)
  }
  const cookies = answer.headers['set-cookie']
  const text = (await readAll(answer)).toString('utf8')
  return {
    status: answer.statusCode ?? 502,
    headers: cookies === undefined ? headers : { ...headers, 'set-cookie': cookies.join('\n') },
    body: text,
  }
}

function reply(outgoing: ServerResponse, answer: ProxiedAnswer): void {
  const body = writeHead(outgoing, answer)
  if (answer.cutAfterBytes === undefined) {
    outgoing.end(body)
    return
  }
  outgoing.write(body.subarray(0, answer.cutAfterBytes), () => outgoing.destroy())
}

/** Waits in the middle of the body, each time before the byte at one of these places. */
async function replySlowly(
  outgoing: ServerResponse,
  answer: ProxiedAnswer,
  places: readonly number[],
  wait: () => Promise<unknown>,
): Promise<void> {
  const body = writeHead(outgoing, answer)
  outgoing.socket?.setNoDelay(true)
  let sent = 0
  for (const place of places) {
    if (place > sent) outgoing.write(body.subarray(sent, place))
    sent = place
    await wait()
  }
  outgoing.end(body.subarray(sent))
}

/** @returns The body, still to be sent. */
function writeHead(outgoing: ServerResponse, answer: ProxiedAnswer): Buffer {
  const body = Buffer.from(answer.body)
  for (const [name, value] of Object.entries(answer.headers)) {
    if (['connection', 'transfer-encoding', 'content-length', 'keep-alive'].includes(name)) continue
    outgoing.setHeader(name, name === 'set-cookie' ? value.split('\n') : value)
  }
  outgoing.statusCode = answer.status
  outgoing.setHeader('content-length', body.length)
  return body
}
