import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { askDate, reasonOf } from '../../../cli/doctor/ask-date.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'
import { selfSigned } from '../../issuers/self-signed.ts'

/** Local time, on a whole second. */
const NOW = Date.UTC(2030, 0, 1)
const now = () => NOW

const dated = (ms: number) => ({ date: new Date(ms).toUTCString() })

async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('any answer tells the time, and nothing else of it is used', async (t) => {
  for (const [answer, offsetMs] of [
    [{ headers: dated(NOW) }, -500],
    [{ headers: dated(NOW - 90_000), status: 404 }, 89_500],
    [
      { headers: { ...dated(NOW + 400_000), location: 'http://127.0.0.1:1' }, status: 302 },
      -400_500,
    ],
    [{ headers: { ...dated(NOW - 600_000), age: '590' } }, 9_500],
    [{ headers: { ...dated(NOW), age: 'old' } }, -500],
  ] as const) {
    const server = await startCannedServer(() => answer)
    t.same(await askDate(server.origin, now, 5_000), { kind: 'date', offsetMs })
    t.match(server.requests, [
      { method: 'HEAD', path: '/.well-known/openid-configuration', headers: { cookie: undefined } },
    ])
    await server.close()
  }
})

t.test('a slow way counts half', async (t) => {
  const server = await startCannedServer(() => ({ headers: dated(NOW) }))
  t.teardown(() => server.close())
  const times = [NOW - 1_000, NOW + 3_000]
  const answer = await askDate(`${server.origin}/tenant/`, () => times.shift() ?? 0, 5_000)
  t.same(answer, { kind: 'date', offsetMs: 500 })
  t.match(server.requests, [{ path: '/tenant/.well-known/openid-configuration' }])
})

t.test('an answer without a date', async (t) => {
  for (const date of ['', 'yesterday']) {
    const server = await startCannedServer(() => ({ headers: { date } }))
    t.match(await askDate(server.origin, now, 5_000), { reason: 'its answer has no date' })
    await server.close()
  }
})

t.test('a server that wants another protocol tells the time, too', async (t) => {
  const head = `HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\ndate: ${dated(NOW).date}`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(`${head}\r\n\r\n`))
  })
  const port = await listening(t, server)
  t.match(await askDate(`http://127.0.0.1:${port}`, now, 5_000), { kind: 'date' })
})

t.test('a server that says nothing holds up nothing', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined))
  const port = await listening(t, server)
  const answer = await askDate(`http://127.0.0.1:${port}`, now, 50)
  t.same(answer, { kind: 'silent', reason: 'no answer in time' })
})

t.test('nobody, and somebody else', async (t) => {
  const server = await startCannedServer(() => undefined)
  t.match(await askDate(server.origin, now, 5_000), { reason: 'no connection' })
  await server.close()
  t.match(await askDate(server.origin, now, 5_000), { reason: 'no connection' })
  const secure = createSecureServer(selfSigned())
  const port = await listening(t, secure)
  t.match(await askDate(`https://127.0.0.1:${port}`, now, 5_000), {
    reason: 'its certificate is not trusted',
  })
})

t.test('nothing is sent to an address that no issuer has', async (t) => {
  for (const address of [
    'no address',
    'http://as.example',
    'http://127.0.0.2:1',
    'ftp://127.0.0.1',
    'https://name@as.example',
    'https://:word@as.example',
  ])
    t.same(await askDate(address, now, 5_000), { kind: 'silent', reason: 'not an https address' })
  t.match(await askDate('http://[::1]:1', now, 5_000), { reason: 'no connection' })
})

t.test('what an error means', async (t) => {
  for (const [code, reason] of [
    ['CERT_HAS_EXPIRED', /this clock is wrong$/],
    ['CERT_NOT_YET_VALID', /this clock is wrong$/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted/],
    ['ENOTFOUND', /^host not found$/],
    ['EAI_AGAIN', /^host not found$/],
    ['ECONNRESET', /^no connection$/],
    [undefined, /^no connection$/],
  ] as const)
    t.match(reasonOf(code), reason, code ?? 'none')
})
