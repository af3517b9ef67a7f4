import fc from 'fast-check'
import t from 'tap'
import { classifyPeer, type PeerFacts } from '../../../daemon/peer/classify-peer.ts'

const namespaces = ['pid:[1]', 'user:[2]', 'mnt:[3]']
const own = { uid: 1000, namespaces }
const facts: PeerFacts = {
  uid: 1000,
  pid: 4242,
  executable: '/usr/bin/git',
  startTime: '777',
  namespaces,
}

t.test('every combination of facts has one class', async (t) => {
  const table: readonly (readonly [string, Partial<PeerFacts>, string])[] = [
    ['a process of the owner beside us', {}, 'local'],
    ['a replaced executable', { executable: '/usr/bin/git (deleted)' }, 'local'],
    ['a name that only begins like a relay', { executable: '/usr/bin/sshfs' }, 'local'],
    ['a folder named like a relay', { executable: '/opt/ssh/git' }, 'local'],
    ['root', { uid: 0 }, 'root'],
    ['root behind a relay', { uid: 0, executable: '/usr/bin/ssh' }, 'root'],
    ['root without a pid', { uid: 0, pid: 0 }, 'root'],
    ['somebody else', { uid: 1001 }, 'unidentified'],
    ['the uid of nobody', { uid: 65_534 }, 'unidentified'],
    ['no pid: another pid namespace', { pid: 0 }, 'unidentified'],
    ['a pid that is none', { pid: -1 }, 'unidentified'],
    ['no executable', { executable: undefined }, 'unidentified'],
    ['no start time', { startTime: undefined }, 'unidentified'],
    ['a relay in a container', { executable: '/usr/bin/socat', namespaces: ['x'] }, 'relay'],
    [
      'a namespace that cannot be read',
      { namespaces: ['pid:[1]', undefined, 'mnt:[3]'] },
      'unidentified',
    ],
    ['another pid namespace', { namespaces: ['pid:[9]', 'user:[2]', 'mnt:[3]'] }, 'container'],
    ['another user namespace', { namespaces: ['pid:[1]', 'user:[9]', 'mnt:[3]'] }, 'container'],
    ['another mount namespace', { namespaces: ['pid:[1]', 'user:[2]', 'mnt:[9]'] }, 'container'],
  ]
  for (const [what, changes, expected] of table)
    t.equal(classifyPeer({ ...facts, ...changes }, own), expected, what)
})

t.test('a relay is known by its file, replaced or not, wherever it lies', async (t) => {
  const relays =
    'ssh sshd sshd-session sshd-auth dropbear dbclient dropbearmulti socat socat1 nc nc.openbsd nc.traditional ncat systemd-socket-proxyd conmon containerd-shim-runc-v2 docker-proxy rootlessport slirp4netns passt passt.avx2 pasta pasta.avx2 gvproxy'
  for (const name of relays.split(' '))
    for (const executable of [`/usr/bin/${name}`, `/home/me/${name}`, name, `/x/${name} (deleted)`])
      t.equal(classifyPeer({ ...facts, executable }, own), 'relay', executable)
})

t.test('a daemon of root calls root local', async (t) => {
  t.equal(classifyPeer({ ...facts, uid: 0 }, { ...own, uid: 0 }), 'local')
})

t.test('what we cannot read of ourselves makes nobody local', async (t) => {
  const blind = { uid: 1000, namespaces: [undefined, undefined, undefined] }
  t.equal(classifyPeer({ ...facts, namespaces: blind.namespaces }, blind), 'unidentified')
  t.equal(classifyPeer(facts, blind), 'container')
})

t.test('a missing or different fact never makes a peer local', async () => {
  const link = fc.constantFrom(...namespaces, 'pid:[9]', undefined)
  fc.assert(
    fc.property(
      fc.record({
        uid: fc.constantFrom(0, 1000, 1001),
        pid: fc.constantFrom(-1, 0, 4242),
        executable: fc.constantFrom('/usr/bin/git', '/usr/bin/ssh', undefined),
        startTime: fc.constantFrom('777', undefined),
        namespaces: fc.tuple(link, link, link),
      }),
      (seen) => {
        const isOrdinary =
          seen.uid === 1000 &&
          seen.pid === 4242 &&
          seen.executable === '/usr/bin/git' &&
          seen.startTime === '777' &&
          seen.namespaces.every((text, i) => text === namespaces[i])
        return (classifyPeer(seen, own) === 'local') === isOrdinary
      },
    ),
  )
})
