import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { stopListening } from '../../../daemon/listener/stop-listening.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

t.test('whoever was accepted and has not asked yet is still heard; nobody else is', async (t) => {
  const path = join(shortDirectory(t), 's')
  const server = createServer((_request, response) => response.end('served')).listen(path)
  await once(server, 'listening')
  const client = connect(path).setEncoding('latin1')
  await once(server, 'connection')
  stopListening(server)
  await pause(20)
  const [refused] = (await once(connect(path), 'error')) as [NodeJS.ErrnoException]
  t.match(refused.code, /^(?:ECONNREFUSED|ENOENT)$/)
  client.write('GET / HTTP/1.1\r\nHost: grantd\r\n\r\n')
  const [answer] = (await once(client, 'data')) as [string]
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  const closed = new Promise((resolve) => server.close(resolve))
  client.destroy()
  await closed
})
