import t from 'tap'
import { createPeerIdentifier } from '../../../daemon/peer/identify-peer.ts'
import { FakeProcesses } from '../../fakes/fake-processes.ts'

const namespaces = ['pid:[1]', 'user:[2]', 'mnt:[3]']
const credentials = { uid: 1000, gid: 100, pid: 4242 }

function machine(): FakeProcesses {
  const processes = new FakeProcesses()
  processes.set('self', { namespaces })
  processes.set(4242, { startTime: '777', executable: '/usr/bin/git', namespaces })
  return processes
}

t.test('the kernel says who, the process table says the rest', async (t) => {
  const identifier = createPeerIdentifier({ uid: 1000, processes: machine() })
  t.same(identifier.identify(credentials), {
    uid: 1000,
    gid: 100,
    pid: 4242,
    startTime: '777',
    executable: '/usr/bin/git',
    class: 'local',
  })
})

t.test('of a process that is gone nothing is made up', async (t) => {
  const processes = machine()
  processes.end(4242)
  const identifier = createPeerIdentifier({ uid: 1000, processes })
  const peer = identifier.identify(credentials)
  t.same(peer, { uid: 1000, gid: 100, pid: 4242, class: 'unidentified' })
  t.notOk('startTime' in peer)
  t.notOk('executable' in peer)
  t.notOk(identifier.isSameProcess(peer), 'and it never is the same process')
})

t.test('a process stays the same until it ends or its pid is used again', async (t) => {
  const processes = machine()
  const identifier = createPeerIdentifier({ uid: 1000, processes })
  const peer = identifier.identify(credentials)
  t.ok(identifier.isSameProcess(peer))
  processes.set(4242, { startTime: '777', executable: '/usr/bin/other', namespaces })
  t.ok(identifier.isSameProcess(peer), 'exec() does not make another process')
  processes.set(4242, { startTime: '778', executable: '/usr/bin/git', namespaces })
  t.notOk(identifier.isSameProcess(peer), 'the pid was used again')
  processes.end(4242)
  t.notOk(identifier.isSameProcess(peer), 'the process is gone')
})
