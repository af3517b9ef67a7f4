import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CAPABILITY_CHECK_MS } from '../../../daemon/base/limits.ts'
import { RefusalRecord } from '../../../daemon/broker/record-refusal.ts'
import type { DaemonFacts } from '../../../daemon/broker/report-status.ts'
import type { InheritedSocket } from '../../../daemon/listener/inherited-sockets.ts'
import { LentSockets } from '../../../daemon/listener/lent-sockets.ts'
import { boundSocket } from '../../../daemon/platform/bound-socket.ts'
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

/** Capabilities of a grant, with sockets that somebody has bound for us. */
async function scene(t: Test, directory: string, sockets: readonly InheritedSocket[] = []) {
  const lent = new LentSockets(sockets, duplicate)
  t.teardown(() => lent.end())
  const rooms = await roomsWithGrant()
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
      lent,
      served: () => ({ rooms, facts }),
    },
    rooms,
  )
  await capabilities.restore()
  return capabilities
}

t.test('a capability listens at a socket of our own until it ends', async (t) => {
  const directory = shortDirectory(t)
  const capabilities = await scene(t, directory)
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

t.test('at a socket that was bound for it, whose file it leaves', async (t) => {
  const directory = shortDirectory(t)
  const path = join(directory, 'lent')
  const capabilities = await scene(t, directory, [{ fd: boundSocket(path), path }])
  await capabilities.add(sampleCaller(), { name: 'ci', grant: 'work', path })
  t.match(await askSocket(path, 'GET', '/v1/health'), { status: 200 })
  t.equal(capabilities.needUs, 0, 'there is who starts the next daemon')
  await capabilities.remove(sampleCaller(), 'ci')
  await t.rejects(askSocket(path, 'GET', '/v1/health'), 'nobody waits where there is none')
  t.ok(existsSync(path))
})

t.test('no two looks at a time', async (t) => {
  let looks = 0
  const sweep = async (): Promise<void> => {
    looks += 1
    await pause(2 * CAPABILITY_CHECK_MS)
  }
  const stop = watchCapabilities({ sweep }, log)
  await pause(2.5 * CAPABILITY_CHECK_MS)
  stop()
  t.equal(looks, 1)
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
