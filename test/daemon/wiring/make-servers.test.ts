import { createServer } from 'node:http'
import t from 'tap'
import type { AuditReader } from '../../../daemon/audit/audit-reader.ts'
import type { Capabilities } from '../../../daemon/broker/capabilities.ts'
import type { PolicyRooms } from '../../../daemon/broker/explain-policy.ts'
import { Logins } from '../../../daemon/broker/logins.ts'
import { RefusalRecord } from '../../../daemon/broker/record-refusal.ts'
import type { DaemonFacts } from '../../../daemon/broker/report-status.ts'
import { createLobby, makeServers } from '../../../daemon/wiring/make-servers.ts'
import { FakeDoor } from '../../fakes/fake-door.ts'
import { fakeRooms } from '../../fakes/fake-rooms.ts'

t.test('each listener has its own routes, and they share what is counted', async (t) => {
  const fakes = fakeRooms()
  const logins = new Logins({ rooms: fakes, noticeOf: () => undefined })
  const rooms = { ...fakes, door: new FakeDoor([]), logins }
  const seen: unknown[] = []
  const servers = makeServers(
    {
      gate: {
        admit: (server) => {
          seen.push(server)
          return { connection: () => undefined }
        },
      },
      lobby: createLobby(),
      refusals: new RefusalRecord(fakes),
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
        setLevel: () => undefined,
      },
    },
    {
      rooms,
      policyRooms: {} as PolicyRooms,
      logins,
      reader: {} as AuditReader,
      capabilities: {} as Capabilities,
      facts: {} as DaemonFacts,
    },
  )
  t.same(seen, [servers.broker.server, servers.admin.server])
  t.ok(servers.broker.server instanceof createServer().constructor)
  await Promise.all([servers.broker.ready(), servers.admin.ready()])
  const has = (name: 'broker' | 'admin', method: 'GET' | 'POST', url: string): boolean =>
    servers[name].hasRoute({ method, url })
  t.same([has('broker', 'POST', '/v1/token'), has('admin', 'POST', '/v1/token')], [true, false])
  t.same([has('broker', 'GET', '/v1/status'), has('admin', 'GET', '/v1/status')], [false, true])
})
