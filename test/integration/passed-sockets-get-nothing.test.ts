import { once } from 'node:events'
import t from 'tap'
import { passSocket } from './passed-socket.ts'
import { startWorld } from './world.ts'

t.test('a connection is worth nothing once its process is gone, whoever holds it', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const { connector, ask } = await passSocket(t, world.sockets.broker)
  if (connector.exitCode === null) await once(connector, 'exit')
  t.match(await ask(), /^HTTP\/1\.1 403 [\s\S]*"unauthorized_peer"/)
  const records = world.auditLog().trim().split('\n')
  t.match(JSON.parse(records.at(-1) ?? ''), {
    event: 'token.denied',
    reason: 'unauthorized_peer',
    peer: { pid: connector.pid },
  })
})

t.test('as long as it lives it answers for whomever it passed its connection to', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const { connector, ask } = await passSocket(t, world.sockets.broker, 'stay')
  t.match(await ask(), /^HTTP\/1\.1 200 [\s\S]*"access_token"/)
  const issued = `"token.issued","peer":\\{"uid":\\d+,"pid":${connector.pid},`
  t.match(world.auditLog(), new RegExp(issued))
})
