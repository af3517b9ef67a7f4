import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { listeningPath, type SocketQuestions } from '../../../daemon/platform/listening-socket.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

function descriptorOf(holder: Server | Socket): number {
  const { _handle: handle } = holder as unknown as { readonly _handle: { readonly fd: number } }
  return handle.fd
}

async function listening(t: Test, at: string | number): Promise<Server> {
  const server = createServer().listen(at)
  t.teardown(() => server.close())
  await once(server, 'listening')
  return server
}

t.test('a socket that listens says where', async (t) => {
  const path = join(shortDirectory(t), 'söcket')
  t.equal(listeningPath(descriptorOf(await listening(t, path))), path)
})

t.test('what does not listen at a path has none', async (t) => {
  const path = join(shortDirectory(t), 's')
  await listening(t, path)
  const client = connect(path)
  t.teardown(() => client.destroy())
  await once(client, 'connect')
  t.equal(listeningPath(descriptorOf(client)), undefined)
  t.equal(listeningPath(descriptorOf(await listening(t, 0))), undefined, 'a port')
})

t.test('what is no socket is an error of the system', async (t) => {
  const file = openSync('/dev/null', 'r')
  t.teardown(() => closeSync(file))
  t.throws(() => listeningPath(file), { name: 'SystemCallError', message: 'getsockopt: ENOTSOCK' })
  t.throws(() => listeningPath(-1), { message: 'getsockopt: EBADF' })
})

t.test('macOS has other numbers, and its addresses begin with their length', async (t) => {
  const asked: (readonly [number, number])[] = []
  const said = (address: Buffer, type = 1, accepts = 2): SocketQuestions => ({
    option(level, name) {
      asked.push([level, name])
      return name === 0x1008 ? type : accepts
    },
    address: () => address,
  })
  const at = (path: string, family = 1) =>
    Buffer.concat([Buffer.from([path.length + 3, family]), Buffer.from(`${path}\0`)])
  t.equal(listeningPath(3, 'darwin', said(at('/run/s'))), '/run/s')
  t.same(asked, [
    [0xffff, 0x1008],
    [0xffff, 2],
  ])
  t.equal(listeningPath(3, 'darwin', said(at('/run/s', 2))), undefined, 'another family')
  t.equal(listeningPath(3, 'darwin', said(at('/run/s'), 2)), undefined, 'datagrams')
  t.equal(listeningPath(3, 'darwin', said(at('/run/s'), 1, 0)), undefined, 'it does not listen')
  t.equal(listeningPath(3, 'darwin', said(Buffer.alloc(2))), undefined, 'no path')
  t.equal(listeningPath(3, 'darwin', said(at(''))), undefined)
})
