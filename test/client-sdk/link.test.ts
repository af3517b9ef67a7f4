import { EventEmitter, once } from 'node:events'
import { rmSync } from 'node:fs'
import t from 'tap'
import { Link, type LinkEnd } from '#sdk/link'
import { PendingRequest } from '#sdk/pending-request'
import { answer, countRequests, rawServer, socketDirectory } from '../fakes/sdk-socket.ts'

interface Ended {
  readonly end: LinkEnd
  readonly left: readonly PendingRequest[]
}

/** A link and the promise of its end. */
function open(path: string): { readonly link: Link; readonly ended: Promise<Ended | undefined> } {
  const ends = new EventEmitter<{ end: [Ended] }>()
  const ended = once(ends, 'end').then(([first]: Ended[]) => first)
  return { link: new Link(path, (end, left) => ends.emit('end', { end, left })), ended }
}

/** Sends a request and returns what becomes of it. */
function ask(link: Link, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = 'GET / HTTP/1.1\r\n\r\n'
    link.send(new PendingRequest({ text, once: false, timeoutMs: 9000, signal, resolve, reject }))
  })
}

t.test('answers go to those who asked, in their order', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', (bytes) => {
      const count = countRequests(String(bytes))
      socket.write(Array.from({ length: count }, (_, i) => answer(i)).join(''))
    })
  })
  const { link } = open(path)
  t.same(await Promise.all([ask(link), ask(link), ask(link)]), [0, 1, 2])
  t.equal(link.waitingCount, 0)
  link.end({ kind: 'renewed' })
  link.end({ kind: 'lost' })
})

t.test('a connection that was never made fails all who wait', async (t) => {
  const { link, ended } = open(`${socketDirectory(t)}/none.sock`)
  const asked = ask(link)
  const outcome = await ended
  t.match(outcome, { end: { kind: 'failed', error: { reason: 'not_running' } } })
  outcome?.left[0]?.reject(new Error('told'))
  await t.rejects(asked, { message: 'told' })
})

t.test('a problem fails its own request only', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.write(answer({ code: 'access_denied' }, 403) + answer('ok')))
  })
  const { link } = open(path)
  const asked = [ask(link), ask(link)]
  await t.rejects(asked[0] ?? Promise.resolve(), { code: 'access_denied' })
  t.equal(await asked[1], 'ok')
  link.end({ kind: 'renewed' })
})

t.test('an announced close leaves the others to a new link', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.write(answer('a', 200, 'Connection: close\r\n') + answer('b')))
  })
  const { link, ended } = open(path)
  const first = ask(link)
  void ask(link)
  t.equal(await first, 'a')
  t.match(await ended, { end: { kind: 'renewed' }, left: { length: 1 } })
})

t.test('who saw a part of the answer is not left to be asked again', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'))
  })
  const { link, ended } = open(path)
  const first = ask(link)
  void ask(link)
  await t.rejects(first, { reason: 'lost', name: 'GrantdUnreachableError' })
  t.match(await ended, { end: { kind: 'lost' }, left: { length: 1 } })
})

t.test('bytes nobody asked for end it', async (t) => {
  const { path } = await rawServer(t, (socket) => socket.write(answer('hello')))
  const { ended } = open(path)
  t.match(await ended, {
    end: { kind: 'failed', error: { message: /nobody asked for/ } },
    left: [],
  })
})

t.test('a request given up in the middle costs the others nothing', async (t) => {
  const { path, sockets } = await rawServer(t, () => {})
  const { link } = open(path)
  const controller = new AbortController()
  const asked = [ask(link), ask(link, controller.signal), ask(link)]
  controller.abort(new Error('enough'))
  await t.rejects(asked[1] ?? Promise.resolve(), { message: 'enough' })
  while (sockets.length === 0) await new Promise(setImmediate)
  // The second's answer comes at the same time as the first's: nobody has to move.
  sockets[0]?.write(answer(1))
  t.equal(await asked[0], 1)
  link.end({ kind: 'renewed' })
})

t.test('who waits behind a request given up is left to a new link', async (t) => {
  const { path } = await rawServer(t, () => {})
  const { link, ended } = open(path)
  const controller = new AbortController()
  const asked = ask(link, controller.signal)
  void ask(link)
  controller.abort(new Error('enough'))
  await t.rejects(asked, { message: 'enough' })
  t.match(await ended, { end: { kind: 'renewed' }, left: { length: 2 } })
})

t.test('a socket that is gone while it is open does not matter', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.write(answer('still here')))
  })
  const { link } = open(path)
  t.equal(await ask(link), 'still here')
  rmSync(path)
  t.equal(await ask(link), 'still here')
  link.end({ kind: 'renewed' })
})
