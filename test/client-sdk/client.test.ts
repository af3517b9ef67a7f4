import { createServer } from 'node:http'
import { createClient, type GrantdClient } from '@grantd/client'
import t, { type Test } from 'tap'
import { hashToken } from '#sdk/hash-token'
import { answer, rawServer, tokenAnswer } from '../fakes/sdk-socket.ts'

interface Daemon {
  readonly client: GrantdClient
  readonly path: string
  /** Bodies of the token requests so far. */
  readonly asked: Record<string, unknown>[]
}

/** A daemon that gives `at-1`, `at-2`, … and a client of it. */
async function daemon(t: Test): Promise<Daemon> {
  const asked: Record<string, unknown>[] = []
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', (bytes) => {
      for (const [line] of String(bytes).matchAll(/^\{.*?\}(?=POST|$)/gm)) {
        asked.push(JSON.parse(line))
        socket.write(answer(tokenAnswer(`at-${asked.length}`)))
      }
    })
  })
  const client = createClient({ socketPath: path, name: 'test', version: '1' })
  t.teardown(() => client.close())
  return { client, path, asked }
}

t.test('it asks in the words of the wire and answers in its own', async (t) => {
  const { client, asked } = await daemon(t)
  const before = Date.now()
  const token = await client.getAccessToken({ grant: 'work', scope: ['a', 'b'], minTtl: 60 })
  t.match(token, { accessToken: 'at-1', tokenType: 'Bearer', grant: 'work', generation: 1 })
  t.ok(token.expiresAt >= before + 300_000 && token.expiresAt <= Date.now() + 300_000)
  t.same(asked, [{ grant: 'work', scope: 'a b', min_ttl: 60 }])
})

t.test('every request reaches the daemon: nothing is kept', async (t) => {
  const { client, asked } = await daemon(t)
  t.equal((await client.getAccessToken({ grant: 'work' })).accessToken, 'at-1')
  t.equal((await client.getAccessToken({ grant: 'work' })).accessToken, 'at-2')
  t.equal(asked.length, 2)
})

t.test('equal requests at the same time share one, others do not', async (t) => {
  const { client, asked } = await daemon(t)
  const requests = ['work', 'work', 'play'].map((grant) => client.getAccessToken({ grant }))
  const [first, second, third] = await Promise.all(requests)
  t.equal(first, second)
  t.not(first, third)
  t.equal(asked.length, 2)
})

t.test('a shared failure reaches all and is not kept either', async (t) => {
  const { path } = await rawServer(t, (socket, index) => {
    if (index < 2) socket.destroy()
    else socket.on('data', () => socket.write(answer(tokenAnswer('at'))))
  })
  const client = createClient({ socketPath: path })
  t.teardown(() => client.close())
  const failed = [client.getAccessToken({ grant: 'w' }), client.getAccessToken({ grant: 'w' })]
  for (const one of failed) await t.rejects(one, { code: 'GRANTD_UNREACHABLE' })
  t.equal((await client.getAccessToken({ grant: 'w' })).accessToken, 'at')
})

t.test('a refused token is named by its hash only', async (t) => {
  const { client, asked } = await daemon(t)
  const sha256 = await hashToken('at-0')
  await client.reportRejected('at-0', { grant: 'work' })
  await client.reportRejected({ sha256 }, { grant: 'work' })
  t.same(asked, [
    { grant: 'work', rejected: sha256 },
    { grant: 'work', rejected: sha256 },
  ])
})

t.test('its fetch carries a token', async (t) => {
  const { client } = await daemon(t)
  const server = createServer((request, response) => response.end(request.headers.authorization))
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const response = await client.authorizedFetch({ grant: 'work' })(`http://127.0.0.1:${port}/`)
  t.equal(await response.text(), 'Bearer at-1')
})

t.test('the socket is found by the environment', async (t) => {
  const { path } = await daemon(t)
  const before = process.env['GRANTD_SOCK']
  t.teardown(() => {
    if (before === undefined) delete process.env['GRANTD_SOCK']
    else process.env['GRANTD_SOCK'] = before
  })
  process.env['GRANTD_SOCK'] = path
  const client = createClient()
  t.equal((await client.getAccessToken({ grant: 'work' })).accessToken, 'at-1')
  client.close()
  const closed = { name: 'GrantdUnreachableError', reason: 'closed' }
  await t.rejects(client.getAccessToken({ grant: 'work' }), closed)
})
