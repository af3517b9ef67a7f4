import t from 'tap'
import { Lanes, MAX_LANES } from '#sdk/lanes'
import { answer, rawServer } from '../fakes/sdk-socket.ts'

const get = (path: string) => ({ method: 'GET', path }) as const

t.test('one request at a time needs one connection', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    socket.on('data', () => socket.write(answer('ok')))
  })
  const lanes = new Lanes({ socketPath: path })
  t.teardown(() => lanes.close())
  for (let i = 0; i < 3; i += 1) t.equal(await lanes.request(get('/')), 'ok')
  t.equal(sockets.length, 1)
})

t.test('nobody waits behind an answer that takes long', async (t) => {
  const { path } = await rawServer(t, (socket) => {
    socket.on('data', (bytes) => {
      if (!String(bytes).includes('/slow')) socket.write(answer('ok'))
    })
  })
  const lanes = new Lanes({ socketPath: path })
  const slow = lanes.request(get('/slow'))
  for (let i = 0; i < 3; i += 1) t.equal(await lanes.request(get('/')), 'ok')
  lanes.close()
  await t.rejects(slow, { name: 'GrantdUnreachableError', reason: 'closed' })
})

t.test('there are never more than a few connections, the shortest queue is joined', async (t) => {
  const { path, sockets } = await rawServer(t, (socket) => {
    socket.on('data', (bytes) => {
      for (const _ of String(bytes).matchAll(/GET/g)) socket.write(answer('ok'))
    })
  })
  const lanes = new Lanes({ socketPath: path })
  t.teardown(() => lanes.close())
  await Promise.all(Array.from({ length: 40 }, () => lanes.request(get('/'))))
  t.equal(sockets.length, MAX_LANES)
})
