import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { RefusalRecord } from '../../../daemon/broker/record-refusal.ts'
import type { DaemonFacts } from '../../../daemon/broker/report-status.ts'
import { LentSockets } from '../../../daemon/listener/lent-sockets.ts'
import { duplicate } from '../../../daemon/platform/libc.ts'
import { createGate } from '../../../daemon/wiring/gate.ts'
import { createLobby } from '../../../daemon/wiring/make-servers.ts'
import { openCapabilities, watchCapabilities } from '../../../daemon/wiring/open-capabilities.ts'
import { askSocket } from '../../fakes/ask-socket.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

const uid = process.getuid?.() ?? -1
const logged: string[] = []
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (message: string) => void logged.push(message),
  setLevel: () => undefined,
}

t.test('a capability listens at a socket of our own until it ends', async (t) => {
  const rooms = await roomsWithGrant()
  const directory = shortDirectory(t)
  const facts = {
    version: '1',
    configProblem: () => undefined,
    vaultState: () => ({ kind: 'memory', detail: '' }),
    unsavedGrants: () => 0,
  } as unknown as DaemonFacts
  const capabilities = openCapabilities(
    {
      gate: createGate({ owner: uid, clock: rooms.clock, log, onRefused: () => undefined }),
      lobby: createLobby(),
      refusals: new RefusalRecord(rooms),
      log,
      uid,
      paths: {
        runtimeDirectory: join(directory, 'r'),
        stateDirectory: join(directory, 's'),
      },
      lent: new LentSockets([], duplicate),
      served: () => ({ rooms, facts }),
    },
    rooms,
  )
  await capabilities.restore()
  const caller = sampleCaller()
  const asked = { name: 'ci', grant: 'work' }
  const { path } = await capabilities.add(caller, asked)
  t.equal(path, join(directory, 'r', 'capability', 'ci.sock'))
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.match(await askSocket(path, 'GET', '/v1/health'), { status: 200, json: { version: '1' } })
  t.match(await askSocket(path, 'POST', '/v1/token', { grant: 'other' }), { status: 403 })
  await t.rejects(capabilities.add(caller, { ...asked, name: 'b', path }), {
    code: 'invalid_request',
    message: /something already answers/,
  })
  const half = connect(path)
  await once(half, 'connect')
  half.write('POST /v1/token HTTP/1.1\r\n')
  await pause(50)
  const cut = Promise.all([once(half, 'close'), capabilities.remove(caller, 'ci')])
  // left alone it would take the five seconds of a head
  t.not(await Promise.race([cut, pause(3_000)]), undefined, 'whoever is in the middle is cut off')
  t.notOk(existsSync(path))
  await t.rejects(capabilities.add(caller, { ...asked, bind_pid: 4_194_304 + 1 }), {
    code: 'invalid_request',
  })
  const bound = await capabilities.add(caller, { ...asked, bind_pid: process.pid })
  t.equal(bound.bound_pid, process.pid)
  await capabilities.close()
  t.notOk(existsSync(bound.path))
})

t.test('a look that fails is logged, and the next one is taken all the same', async (t) => {
  const looks: string[] = []
  const stop = watchCapabilities(
    {
      sweep: async () => {
        looks.push('one')
        throw new Error('no disk')
      },
    },
    log,
  )
  while (looks.length < 2) await pause(50)
  stop()
  t.match(logged, [/could not be looked at/])
})
