import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { sendRequest } from '../../../daemon/issuer/send-request.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { selfSigned } from '../../issuers/self-signed.ts'

const MODULE = new URL('../../../daemon/issuer/send-request.js', import.meta.url).href

/** What becomes of a request from a process with more in its environment: Node reads it at its start. */
async function sendFromChild(url: string, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const program = `
    import { sendRequest } from ${JSON.stringify(MODULE)}
    const ask = { url: process.argv[1], method: 'POST', headers: {} }
    process.stdout.write(JSON.stringify(await sendRequest(ask)))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program, url],
    { env: { ...process.env, ...environment } },
  )
  return JSON.parse(stdout)
}

async function answerOf(t: Test, answer: CannedAnswer | undefined) {
  const server = await startCannedServer(() => answer)
  t.teardown(() => server.close())
  return sendRequest({ url: server.origin, method: 'POST', headers: {}, body: Buffer.from('a=1') })
}

t.test('an answer comes with status, headers and bytes', async (t) => {
  const answer = await answerOf(t, { status: 201, headers: { 'x-a': 'b' }, body: 'hello' })
  t.match(answer, {
    kind: 'answered',
    status: 201,
    headers: { 'x-a': 'b' },
    body: Buffer.from('hello'),
    isComplete: true,
  })
})

t.test('a redirect is an answer, and nothing follows it', async (t) => {
  const server = await startCannedServer(() => ({ status: 307, headers: { location: '/other' } }))
  t.teardown(() => server.close())
  const answer = await sendRequest({ url: server.origin, method: 'POST', headers: {} })
  t.match(answer, { kind: 'answered', status: 307 })
  t.equal(server.requests.length, 1)
})

t.test('an answer that breaks off gives the bytes that came', async (t) => {
  const answer = await answerOf(t, { headers: { 'content-length': '100' }, body: 'part' })
  t.match(answer, { kind: 'answered', isComplete: false })
  t.equal(answer.kind === 'answered' && answer.body.toString(), 'part')
})

/** A server that answers with bytes of ours, and then does something to the connection. */
async function answerOfBytes(t: Test, bytes: string, then: (socket: Socket) => unknown) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(bytes, () => then(socket)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return sendRequest({ url: `http://127.0.0.1:${port}`, method: 'POST', headers: {} })
}

t.test('a reset connection takes nothing away of what came before it', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\n'
  const table = {
    'a length': `${head}Content-Length: 100\r\n\r\npart`,
    chunks: `${head}Transfer-Encoding: chunked\r\n\r\n4\r\npart`,
    'no length': `${head}\r\npart`,
  }
  for (const [name, bytes] of Object.entries(table)) {
    // the bytes are through before the reset, else the kernel may drop them
    const answer = await answerOfBytes(t, bytes, (socket) =>
      setTimeout(() => socket.resetAndDestroy(), 30),
    )
    t.match(answer, { kind: 'answered', status: 200, isComplete: false }, name)
    t.equal(answer.kind === 'answered' && answer.body.toString(), 'part', name)
  }
})

t.test('nor do bytes after it that are no HTTP', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\n'
  const table = [
    [`${head}Content-Length: 4\r\n\r\npart and more`, true],
    [`${head}Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\nno length\r\n`, false],
  ] as const
  for (const [bytes, isComplete] of table) {
    const answer = await answerOfBytes(t, bytes, (socket) => socket.end())
    t.match(answer, { kind: 'answered', isComplete })
    t.equal(answer.kind === 'answered' && answer.body.toString(), 'part')
  }
})

t.test('a long head is no reason to lose an answer', async (t) => {
  const policy = 'a'.repeat(100_000)
  t.match(await answerOf(t, { headers: { 'x-policy': policy }, body: 'hello' }), {
    kind: 'answered',
    isComplete: true,
  })
})

t.test('an answer that talks of another protocol is none, and ends the wait', async (t) => {
  const bytes = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'
  t.strictSame(await answerOfBytes(t, bytes, () => {}), {
    kind: 'failed',
    mayHaveLeft: true,
    reason: 'connection failed',
  })
})

t.test('at the deadline what came of an answer is given', async (t) => {
  const deadline = new AbortController()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart')
      setTimeout(() => deadline.abort(), 30)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const answer = await sendRequest({
    url: `http://127.0.0.1:${port}`,
    method: 'POST',
    headers: {},
    signal: deadline.signal,
  })
  t.match(answer, { kind: 'answered', isComplete: false })
  t.equal(answer.kind === 'answered' && answer.body.toString(), 'part')
})

t.test('a connection that is lost after the request leaves a doubt', async (t) => {
  t.strictSame(await answerOf(t, undefined), {
    kind: 'failed',
    mayHaveLeft: true,
    reason: 'connection lost',
  })
})

t.test('what cannot be reached was not sent', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const ask = { method: 'POST', headers: {} }
  t.strictSame(await sendRequest({ ...ask, url: `http://127.0.0.1:${port}` }), {
    kind: 'failed',
    mayHaveLeft: false,
    reason: 'connection refused',
  })
  t.strictSame(await sendRequest({ ...ask, url: 'https://nobody.invalid' }), {
    kind: 'failed',
    mayHaveLeft: false,
    reason: 'host not found',
  })
  for (const broken of [
    { ...ask, url: 'no address' },
    { ...ask, url: 'http://127.0.0.1', headers: { 'x-a': 'line\nbreak' } },
  ]) {
    t.strictSame(await sendRequest(broken), {
      kind: 'failed',
      mayHaveLeft: false,
      reason: 'request cannot be written',
    })
  }
})

t.test('deadline and cancellation are told apart, and from doubt', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const late = new DOMException('late', 'TimeoutError')
  const table = [
    ['http:', late, { mayHaveLeft: true, reason: 'timed out' }],
    ['http:', undefined, { mayHaveLeft: true, reason: 'cancelled' }],
    // no byte of the request leaves before TLS stands
    ['https:', late, { mayHaveLeft: false, reason: 'timed out' }],
    ['https:', undefined, { mayHaveLeft: false, reason: 'cancelled' }],
  ] as const
  for (const [scheme, reason, expected] of table) {
    const deadline = new AbortController()
    const { signal } = deadline
    const outcome = sendRequest({
      url: `${scheme}//${address}`,
      method: 'POST',
      headers: {},
      signal,
    })
    const [socket] = (await once(silent, 'connection')) as [Socket]
    socket.on('error', () => {})
    await once(socket, 'data') // the request, or the first words of TLS
    deadline.abort(reason)
    t.strictSame(await outcome, { kind: 'failed', ...expected }, `${scheme} ${expected.reason}`)
    socket.destroy()
  }
  const never = { url: `http://${address}`, method: 'POST', headers: {} }
  t.match(await sendRequest({ ...never, signal: AbortSignal.abort() }), {
    kind: 'failed',
    mayHaveLeft: false,
    reason: 'cancelled',
  })
})

t.test('over TLS', async (t) => {
  const seen: string[] = []
  const certificate = selfSigned()
  const server = createSecureServer(certificate, (request, response) => {
    seen.push(request.method ?? '')
    response.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

  t.test('a certificate nobody signed keeps the request here', async (t) => {
    t.strictSame(await sendRequest({ url, method: 'POST', headers: {} }), {
      kind: 'failed',
      mayHaveLeft: false,
      reason: 'certificate not trusted',
    })
    t.strictSame(seen, [])
  })

  t.test('nor does it leave when the environment turns certificate checks off', async (t) => {
    const outcome = await sendFromChild(url, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    t.match(outcome, { mayHaveLeft: false, reason: 'certificate not trusted' })
    t.strictSame(seen, [])
  })

  t.test('a connection lost after the handshake leaves a doubt', async (t) => {
    const trusted = join(t.testdir({ 'cert.pem': certificate.cert }), 'cert.pem')
    const outcome = await sendFromChild(url, { NODE_EXTRA_CA_CERTS: trusted })
    t.match(outcome, { mayHaveLeft: true, reason: 'connection lost' })
    t.strictSame(seen, ['POST'])
  })

  t.test('a server that speaks no TLS was sent nothing', async (t) => {
    const plain = createServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    }).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    t.teardown(() => plain.close())
    const { port } = plain.address() as AddressInfo
    t.match(await sendRequest({ url: `https://127.0.0.1:${port}`, method: 'POST', headers: {} }), {
      kind: 'failed',
      mayHaveLeft: false,
    })
  })
})
