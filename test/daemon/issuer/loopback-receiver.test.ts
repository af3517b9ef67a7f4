import { request } from 'node:http'
import t, { type Test } from 'tap'
import {
  type LoopbackReceiver,
  openLoopbackReceiver,
} from '../../../daemon/issuer/loopback-receiver.ts'

interface Ask {
  readonly path?: string
  readonly method?: string
  readonly host?: string
}

/** Sends one request with any path, method and host. */
function send(receiver: LoopbackReceiver, ask: Ask) {
  const { hostname, port, host } = new URL(receiver.redirectUri)
  return new Promise<{ status: number; headers: object; html: string }>((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path: ask.path ?? '/callback?state=right&code=c',
        method: ask.method ?? 'GET',
        headers: { host: ask.host ?? host },
        agent: false,
      },
      (answer) => {
        let html = ''
        answer.on('data', (part) => {
          html += String(part)
        })
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, html })
        })
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

async function open(t: Test, lifetimeSeconds = 60): Promise<LoopbackReceiver> {
  const receiver = await openLoopbackReceiver('right', lifetimeSeconds)
  t.teardown(() => receiver.close())
  return receiver
}

t.test('the callback with the right state ends the wait, and the port is closed', async (t) => {
  const receiver = await open(t)
  t.match(receiver.redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  const { status, headers, html } = await send(receiver, {})
  t.equal(status, 200)
  t.match(headers, {
    'cache-control': 'no-store',
    'content-security-policy': /default-src 'none'/,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  t.notMatch(html, /right|code=/)
  t.equal((await receiver.received)?.searchParams.get('code'), 'c')
  await t.rejects(send(receiver, {}), { code: 'ECONNREFUSED' })
})

t.test('nothing else ends the wait', async (t) => {
  const receiver = await open(t)
  const { port } = new URL(receiver.redirectUri)
  const table: readonly (readonly [Ask, number])[] = [
    [{ path: '/' }, 404],
    [{ path: '/favicon.ico' }, 404],
    [{ path: '/callback/?state=right' }, 404],
    [{ path: 'http://evil.example/callback?state=right' }, 404],
    [{ path: '//evil:99999/callback?state=right' }, 404],
    [{ path: '/callback?state=wrong&code=c' }, 400],
    [{ path: '/callback?code=c' }, 400],
    [{ path: '/callback?state=right&state=right' }, 400],
    [{ path: '/callback?state=wrong&state=right' }, 400],
    [{ method: 'POST' }, 405],
    [{ method: 'HEAD' }, 405],
    [{ host: `localhost:${port}` }, 400],
    [{ host: 'evil.example' }, 400],
    [{ host: '127.0.0.1' }, 400],
  ]
  for (const [ask, status] of table) {
    t.equal((await send(receiver, ask)).status, status, JSON.stringify(ask))
  }
  t.equal((await send(receiver, {})).status, 200, 'the login still ends as it should')
})

t.test('it closes by itself, and when it is told to', async (t) => {
  const short = await open(t, 0.02)
  t.equal(await short.received, undefined)
  await t.rejects(send(short, {}), { code: 'ECONNREFUSED' })
  const told = await open(t)
  told.close()
  t.equal(await told.received, undefined)
})
