import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import {
  type LoopbackReceiver,
  MAX_SILENT_CONNECTIONS,
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

/** Connects, and says nothing or the beginning of a head. */
async function hold(t: Test, redirectUri: string, says = ''): Promise<Socket> {
  const { hostname, port } = new URL(redirectUri)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  socket.write(says)
  return socket
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

t.test('connections without a head do not keep the person out', async (t) => {
  const receiver = await open(t)
  for (let i = 0; i < 2 * MAX_SILENT_CONNECTIONS; i++)
    await hold(t, receiver.redirectUri, i % 2 === 0 ? '' : 'GET /callback HTTP/1.1\r\n')
  t.equal((await send(receiver, { path: '/' })).status, 404, 'another page is answered')
  t.equal((await send(receiver, {})).status, 200, 'and so is the callback')
  t.ok(await receiver.received)
})

t.test('a connection without a head is closed when it takes too long', async (t) => {
  const receiver = await open(t)
  const held = await hold(t, receiver.redirectUri, 'GET /callback HTTP/1.1\r\n')
  await once(held, 'close')
  t.equal((await send(receiver, {})).status, 200)
})

t.test('a cancelled receiver keeps neither a connection nor the process', async (t) => {
  const module = new URL('../../../daemon/issuer/loopback-receiver.js', import.meta.url).href
  const program = `
    import { once } from 'node:events'
    import { setImmediate } from 'node:timers/promises'
    import { openLoopbackReceiver } from ${JSON.stringify(module)}
    const receiver = await openLoopbackReceiver('right', 3600)
    process.stdout.write(receiver.redirectUri)
    await once(process, 'SIGUSR2')
    receiver.close()
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    const kept = process.getActiveResourcesInfo().filter((name) => /^TCP|^Timeout/.test(name))
    process.stdout.write(JSON.stringify(kept))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const [address] = (await once(child.stdout, 'data')) as [Buffer]
  const held = await hold(t, address.toString())
  // A request in full after it: by its answer the held connection was accepted too.
  await fetch(new URL('/', address.toString()))
  const closed = once(held, 'close')
  const said = once(child.stdout, 'data') as Promise<[Buffer]>
  child.kill('SIGUSR2')
  t.equal((await said)[0].toString(), '[]')
  await closed
  t.strictSame(await ended, [0, null])
})
