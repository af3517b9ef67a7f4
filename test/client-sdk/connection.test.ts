import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, symlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionRequest, GrantdConnection } from '@grantd/client'
import t, { type Test } from 'tap'
import {
  answer,
  countRequests,
  httpServer,
  rawServer,
  socketDirectory,
} from '../fakes/sdk-socket.ts'

const health: ConnectionRequest = { method: 'GET', path: '/v1/health' }
const lost = { name: 'GrantdUnreachableError', reason: 'lost' }
const malformed = { name: 'GrantdUnreachableError', reason: 'malformed' }

/** Answers every request of a connection with the same bytes. */
const always = (bytes: string) => (socket: Socket) => {
  socket.on('data', (data) => socket.write(bytes.repeat(countRequests(String(data)))))
}

function connection(t: Test, socketPath: string, timeoutMs = 9000): GrantdConnection {
  const made = new GrantdConnection({ socketPath, timeoutMs, name: 'test', version: '1' })
  t.teardown(() => made.close())
  return made
}

t.test('a real HTTP server sees host, caller and body', async (t) => {
  const { path } = await httpServer(t, (request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      const { host, 'grantd-client': caller, accept } = request.headers
      const text = JSON.stringify({ url: request.url, host, caller, accept, body })
      response.setHeader('Content-Type', 'application/json; charset=utf-8')
      response.setHeader('Content-Length', Buffer.byteLength(text))
      response.end(text)
    })
  })
  const body = { purpose: 'übung' }
  t.same(await connection(t, path).request({ method: 'POST', path: '/v1/x?y=1', body }), {
    url: '/v1/x?y=1',
    host: 'grantd',
    caller: 'test/1',
    accept: 'application/json',
    body: '{"purpose":"übung"}',
  })
})

t.test('text and problems come back as such', async (t) => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nat\n'
  const plain = await rawServer(t, always(text))
  t.equal(await connection(t, plain.path).request({ ...health, accept: 'text/plain' }), 'at\n')
  const refusing = await rawServer(t, always(answer({ code: 'access_denied', detail: 'no' }, 403)))
  await t.rejects(connection(t, refusing.path).request(health), { code: 'access_denied' })
})

t.test('100 requests at once on one connection get their own answers', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    let bytes = ''
    socket.on('data', (data) => {
      bytes += String(data)
      const end = bytes.lastIndexOf('\r\n\r\n')
      const paths = bytes.slice(0, end).matchAll(/GET (\S+) /g)
      bytes = bytes.slice(end)
      for (const [, path] of paths) socket.write(answer(path))
    })
  })
  const client = connection(t, path)
  const paths = Array.from({ length: 100 }, (_, i) => `/v1/${i}`)
  t.same(await Promise.all(paths.map((path) => client.request({ ...health, path }))), paths)
  t.equal(sockets.length, 1)
  t.equal(client.waitingCount, 0)
})

const garbage: readonly (readonly [string, string, RegExp])[] = [
  ['broken JSON', answer(1).replace(/1$/, '{'), /broken JSON/],
  ['too long an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n', /above 8388608/],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\n{}', /without "Content-Length"/],
  ['another protocol', 'SSH-2.0-x\r\n', /status line/],
]

for (const [name, bytes, message] of garbage)
  t.test(`refused and not asked again: ${name}`, async (t) => {
    const { path, sockets } = await rawServer(t, always(bytes))
    await t.rejects(connection(t, path).request(health), { ...malformed, message })
    t.equal(sockets.length, 1)
  })

t.test('a request whose answer broke off is not asked again', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.end(answer({ a: 1 }).slice(0, -3)))
  })
  await t.rejects(connection(t, path).request(health), lost)
  t.equal(sockets.length, 1)
})

t.test('closed before the answer: asked once more, exactly', async (t) => {
  let requests = 0
  const { path } = await rawServer(t, (socket, index) => {
    socket.on('data', (data) => {
      requests += countRequests(String(data))
      if (index === 0) socket.destroy()
      else socket.write(answer('ok'))
    })
  })
  t.equal(await connection(t, path).request(health), 'ok')
  t.equal(requests, 2)
})

t.test('reset with the request unread: asked once more', async (t) => {
  const { path, sockets } = await rawServer(t, (socket, index) => {
    if (index === 0) socket.destroy()
    else always(answer('ok'))(socket)
  })
  t.equal(await connection(t, path).request(health), 'ok')
  t.equal(sockets.length, 2)
})

t.test('reset twice: an error, after exactly two requests', async (t) => {
  let requests = 0
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', (data) => {
      requests += countRequests(String(data))
      socket.destroy()
    })
  })
  await t.rejects(connection(t, path).request(health), lost)
  t.equal(requests, 2)
})

t.test('what must not be sent twice is not', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.destroy())
  })
  await t.rejects(connection(t, path).request({ ...health, once: true }), lost)
  t.equal(sockets.length, 1)
})

t.test('a connection closed while idle is made again', async (t) => {
  const { path, sockets } = await rawServer(t, always(answer('ok')))
  const client = connection(t, path)
  t.equal(await client.request(health), 'ok')
  sockets[0]?.destroy()
  t.equal(await client.request(health), 'ok')
  t.equal(sockets.length, 2)
})

t.test('a daemon that closes after each answer serves everybody', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    socket.once('data', () => socket.end(answer('ok', 200, 'Connection: close\r\n')))
  })
  const client = connection(t, path)
  const asked = Array.from({ length: 5 }, () => client.request(health))
  t.same(await Promise.all(asked), ['ok', 'ok', 'ok', 'ok', 'ok'])
  t.equal(sockets.length, 5)
})

t.test('a deadline ends its own request, those behind it move on', async (t) => {
  const { path, sockets } = await rawServer(t, (socket, index) => {
    if (index > 0) always(answer('ok'))(socket)
  })
  const client = connection(t, path)
  const slow = client.request({ ...health, timeoutMs: 20 })
  const others = [client.request(health), client.request(health)]
  await t.rejects(slow, { name: 'GrantdUnreachableError', reason: 'timed_out' })
  t.same(await Promise.all(others), ['ok', 'ok'])
  t.equal(sockets.length, 2)
})

t.test('many deadlines of one moment cost no more than one new connection', async (t) => {
  const { path, sockets } = await rawServer(t, () => {})
  const client = connection(t, path, 20)
  const asked = Array.from({ length: 50 }, () => client.request(health))
  const ends = await Promise.allSettled(asked)
  t.equal(ends.filter((end) => end.status === 'rejected').length, 50)
  t.ok(sockets.length <= 2)
})

t.test('a signal ends the wait, also when it is aborted before', async (t) => {
  const { path, sockets } = await rawServer(t, () => {})
  const client = connection(t, path)
  const reason = new Error('enough')
  await t.rejects(client.request({ ...health, signal: AbortSignal.abort(reason) }), reason)
  t.equal(sockets.length, 0)
  const controller = new AbortController()
  const asked = client.request({ ...health, signal: controller.signal })
  controller.abort(reason)
  await t.rejects(asked, reason)
})

t.test('close leaves nobody waiting, and nobody asks after it', async (t) => {
  const { path } = await rawServer(t, () => {})
  const client = connection(t, path)
  const asked = [client.request(health), client.request(health)]
  client.close()
  const closed = { name: 'GrantdUnreachableError', reason: 'closed' }
  for (const request of [...asked, client.request(health)]) await t.rejects(request, closed)
})

t.test('no daemon: the error says how to start it', async (t) => {
  const missing = connection(t, join(socketDirectory(t), 'broker.sock'))
  const hint = 'start it: grantd serve'
  await t.rejects(missing.request(health), { code: 'GRANTD_UNREACHABLE', hint })
  const { path, sockets } = await rawServer(t, () => {})
  t.same(sockets, [])
  t.equal(missing.waitingCount, 0)
  await t.rejects(connection(t, `${path}.link`).request(health), {
    reason: 'not_running',
    hint,
    name: /./,
  })
})

t.test('a socket that nobody listens on any more', async (t) => {
  const path = join(socketDirectory(t), 'broker.sock')
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
  await t.rejects(connection(t, path).request(health), {
    code: 'GRANTD_UNREACHABLE',
    message: /no daemon listens/,
  })
})

t.test('nothing is sent through a link', async (t) => {
  const { path, sockets } = await rawServer(t, always(answer('ok')))
  const link = join(socketDirectory(t), 'broker.sock')
  symlinkSync(path, link)
  await t.rejects(connection(t, link).request(health), { reason: 'untrusted', name: /Unreachable/ })
  t.equal(sockets.length, 0)
})

t.test('a socket that is no longer ours at the second try fails those who wait', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', () => {
      symlinkSync('/nowhere', `${path}.new`)
      renameSync(`${path}.new`, path)
      socket.destroy()
    })
  })
  await t.rejects(connection(t, path).request(health), { reason: 'untrusted', name: /Unreachable/ })
})

t.test('wrong arguments are told by the promise or the constructor', async (t) => {
  const client = connection(t, '/nowhere')
  await t.rejects(client.request({ ...health, timeoutMs: 0 }), TypeError)
  await t.rejects(client.request({ ...health, path: '/\r\n' }), TypeError)
  t.throws(() => new GrantdConnection({ socketPath: '/x', timeoutMs: Number.NaN }), TypeError)
  t.throws(() => new GrantdConnection({ socketPath: '/x', name: 'a b' }), TypeError)
})

t.test('an idle connection does not keep a process alive', async (t) => {
  const { path } = await rawServer(t, always(answer('ok')))
  const script = `
    import { GrantdConnection } from '@grantd/client'
    const connection = new GrantdConnection({ socketPath: process.argv[1] })
    process.stdout.write(await connection.request({ method: 'GET', path: '/v1/health' }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path])
  let output = ''
  child.stdout.on('data', (bytes) => {
    output += bytes
  })
  t.same(await once(child, 'close'), [0, null])
  t.equal(output, 'ok')
})
