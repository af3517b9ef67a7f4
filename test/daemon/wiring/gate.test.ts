import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { createGate } from '../../../daemon/wiring/gate.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

const log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
}

t.test('whoever has the owner’s uid is let in and counted, anybody else is neither', async (t) => {
  const own = process.getuid?.() ?? -1
  for (const [owner, isIn] of [
    [own, true],
    [own + 1, false],
  ] as const) {
    const refused: string[] = []
    const gate = createGate({
      owner,
      clock: new FakeClock(),
      log,
      onRefused: (_peer, why) => {
        refused.push(why)
        throw new Error('it cannot be put on record')
      },
    })
    const server = createServer()
    const admission = gate.admit(server as Parameters<typeof gate.admit>[0])
    const path = join(shortDirectory(t), 's')
    server.listen(path)
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    const client = connect(path).on('error', () => undefined)
    const [socket] = (await accepted) as [Socket]
    t.equal(admission.connection(socket)?.peer.pid, isIn ? process.pid : undefined)
    t.equal(gate.openConnections(), isIn ? 1 : 0)
    const looked = gate.lookUp(process.pid)
    t.equal(looked?.isSameProcess(), isIn)
    looked?.release()
    t.equal(gate.refusedPeers(), isIn ? 0 : 1)
    t.equal(gate.connectionsOverLimit(), 0)
    t.same(refused, isIn ? [] : ['other_uid'])
    server.close()
    client.destroy()
    if (!socket.closed) await once(socket, 'close')
    t.equal(gate.openConnections(), 0)
    t.equal(gate.admittedConnections(), isIn ? 1 : 0)
  }
})
