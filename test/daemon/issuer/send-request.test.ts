import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { MAX_ANSWER_BYTES, sendRequest } from '../../../daemon/issuer/send-request.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { selfSigned } from '../../issuers/self-signed.ts'

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

t.test('a compression nobody asked for is undone', async (t) => {
  const text = 'some answer'
  const table: readonly (readonly [string, Buffer])[] = [
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
  ]
  for (const [encoding, body] of table) {
    const answer = await answerOf(t, { headers: { 'content-encoding': encoding }, body })
    t.match(answer, { isComplete: true }, encoding)
    t.equal(answer.kind === 'answered' && answer.body.toString(), text, encoding)
  }
  const broken = await answerOf(t, { headers: { 'content-encoding': 'gzip' }, body: 'no gzip' })
  t.match(broken, { kind: 'answered', isComplete: false })
})

t.test('an answer without end is cut at the limit', async (t) => {
  const answer = await answerOf(t, { body: Buffer.alloc(MAX_ANSWER_BYTES + 1, 'a') })
  t.match(answer, { kind: 'answered', isComplete: false })
})

t.test('an answer that breaks off gives the bytes that came', async (t) => {
  const answer = await answerOf(t, { headers: { 'content-length': '100' }, body: 'part' })
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
  const url = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const ask = { method: 'POST', headers: {} }
  t.strictSame(
    await sendRequest({ ...ask, url: `http://${url}`, signal: AbortSignal.timeout(50) }),
    { kind: 'failed', mayHaveLeft: true, reason: 'timed out' },
  )
  t.strictSame(
    await sendRequest({ ...ask, url: `https://${url}`, signal: AbortSignal.timeout(50) }),
    { kind: 'failed', mayHaveLeft: false, reason: 'timed out' },
    'no byte of the request leaves before TLS stands',
  )
  t.match(await sendRequest({ ...ask, url: `http://${url}`, signal: AbortSignal.abort() }), {
    kind: 'failed',
    mayHaveLeft: false,
    reason: 'cancelled',
  })
})

t.test('over TLS', async (t) => {
  const seen: string[] = []
  const server = createSecureServer(selfSigned(), (request, response) => {
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

  t.test('a connection lost after the handshake leaves a doubt', async (t) => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
    t.match(await sendRequest({ url, method: 'POST', headers: {} }), {
      kind: 'failed',
      mayHaveLeft: true,
    })
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
