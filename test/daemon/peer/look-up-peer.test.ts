import t from 'tap'
import { createPeerIdentifier } from '../../../daemon/peer/identify-peer.ts'
import { lookUpPeer } from '../../../daemon/peer/look-up-peer.ts'
import { FakeProcesses, noHashes } from '../../fakes/fake-processes.ts'

const NAMESPACES = ['pid:[1]', 'user:[1]', 'mnt:[1]']

function world() {
  const processes = new FakeProcesses()
  processes.set('self', { namespaces: NAMESPACES })
  const identifier = createPeerIdentifier({ uid: 1000, processes, hashes: noHashes })
  return { processes, lookUp: (pid: number) => lookUpPeer(identifier, processes, pid) }
}

const status = (uid: number) => `Uid:\t0\t${uid}\t0\t0\nGid:\t0\t100\t0\t0\n`

t.test('a process is seen as if it had connected', async (t) => {
  const { processes, lookUp } = world()
  processes.set(42, {
    startTime: '7',
    executable: '/usr/bin/git',
    namespaces: NAMESPACES,
    cgroup: '0::/user.slice/backup.service\n',
    status: status(1000),
  })
  const known = lookUp(42)
  t.match(known?.peer, {
    uid: 1000,
    gid: 100,
    pid: 42,
    executable: '/usr/bin/git',
    unit: 'backup.service',
    class: 'local',
  })
  known?.release()
  t.equal(processes.held, 0)
})

t.test('a process of somebody else is no local one, and one that is gone is nobody', async (t) => {
  const { processes, lookUp } = world()
  processes.set(42, { startTime: '7', executable: '/x', namespaces: NAMESPACES, status: status(5) })
  t.equal(lookUp(42)?.peer.class, 'unidentified')
  t.equal(lookUp(43), undefined)
})
