import t from 'tap'
import { createPeerIdentifier } from '../../../daemon/peer/identify-peer.ts'
import { FakeProcesses, noHashes } from '../../fakes/fake-processes.ts'

const namespaces = ['pid:[1]', 'user:[2]', 'mnt:[3]']
const credentials = { uid: 1000, gid: 100, pid: 4242 }
const git = {
  startTime: '777',
  executable: '/usr/bin/git',
  namespaces,
  cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service\n',
  status: 'NSpid:\t4242\t17\n',
  terminal: 34_819,
}

function machine(): FakeProcesses {
  const processes = new FakeProcesses()
  processes.set('self', { namespaces })
  processes.set(4242, git)
  processes.terminals.set(34_819, '/dev/pts/3')
  return processes
}

function identifierOf(processes: FakeProcesses, hashes = noHashes) {
  return createPeerIdentifier({ uid: 1000, processes, hashes })
}

t.test('the kernel says who, the process table says the rest', async (t) => {
  const { peer } = identifierOf(machine()).identify(credentials)
  t.strictSame(peer, {
    uid: 1000,
    gid: 100,
    pid: 4242,
    startTime: '777',
    image: '1 2 3',
    executable: '/usr/bin/git',
    unit: 'backup.service',
    tty: '/dev/pts/3',
    class: 'local',
  })
})

t.test('a process of another pid namespace has a pid there, and no terminal of ours', async (t) => {
  const processes = machine()
  processes.change(4242, { namespaces: ['pid:[9]', 'user:[2]', 'mnt:[3]'] })
  t.match(identifierOf(processes).identify(credentials).peer, {
    pid: 4242,
    nsPid: 17,
    tty: undefined,
    class: 'container',
  })
})

t.test('a fact that is missing is absent', async (t) => {
  const processes = machine()
  processes.set(4242, { startTime: '777', namespaces: ['pid:[9]', 'user:[2]', 'mnt:[3]'] })
  t.strictSame(identifierOf(processes).identify(credentials).peer, {
    uid: 1000,
    gid: 100,
    pid: 4242,
    startTime: '777',
    image: '1 2 3',
    class: 'unidentified',
  })
  processes.set(4242, { ...git, terminal: 1 })
  t.notOk('tty' in identifierOf(processes).identify(credentials).peer)
})

t.test('of a process that is gone nothing is made up', async (t) => {
  const processes = machine()
  processes.end(4242)
  const known = identifierOf(processes).identify(credentials)
  t.strictSame(known.peer, { ...credentials, class: 'unidentified' })
  t.notOk(known.isSameProcess(), 'and it never is the same process')
  t.same(known.inquiry.ancestors(), [])
  known.release()
  t.equal(processes.held, 0)
})

t.test('a guest is never beside us, and its life is watched', async (t) => {
  const guest = identifierOf(machine()).identify({ uid: 4711, gid: 1, pid: 4242, isGuest: true })
  t.equal(guest.peer.class, 'unidentified')
  t.ok(guest.isSameProcess())
  guest.release()
})

t.test('of anybody but the owner nothing is read', async (t) => {
  const processes = machine()
  const identifier = identifierOf(processes)
  processes.asked.length = 0
  t.strictSame(identifier.identify({ uid: 0, gid: 0, pid: 4242 }).peer.class, 'root')
  t.strictSame(identifier.identify({ ...credentials, pid: 0 }).peer.class, 'unidentified')
  t.same(processes.asked, [])
})

t.test(
  'facts are nobody’s when the process was not there from the first to the last',
  async (t) => {
    const takeOver = { ...git, startTime: '778' }
    for (const question of ['hold', 'stat', 'executable', 'namespaces', 'cgroup']) {
      const processes = machine()
      const identifier = identifierOf(processes)
      processes.before = (asked) => {
        if (asked === question) processes.set(4242, takeOver)
      }
      const known = identifier.identify(credentials, () => question !== 'hold')
      t.strictSame(
        known.peer,
        { ...credentials, class: 'unidentified' },
        `reused before: ${question}`,
      )
      t.notOk(known.isSameProcess())
    }
  },
)

t.test('the kernel is asked after the last fact was read', async (t) => {
  const processes = machine()
  const identifier = identifierOf(processes)
  let readByThen = 0
  const { peer } = identifier.identify(credentials, () => {
    readByThen = processes.asked.filter((one) => one !== 'stat').length
    return false
  })
  t.equal(peer.class, 'unidentified')
  t.equal(readByThen, processes.asked.filter((one) => one !== 'stat').length)
})

t.test('a process stays the same until it ends, or another one has its pid', async (t) => {
  const processes = machine()
  const known = identifierOf(processes).identify(credentials)
  t.ok(known.isSameProcess())
  processes.set(4242, { ...git, startTime: '778' })
  t.notOk(known.isSameProcess(), 'the pid was used again')
  processes.end(4242)
  t.notOk(known.isSameProcess(), 'the process is gone')
  for (const state of ['Z', 'X']) {
    processes.set(4242, { ...git, state })
    t.notOk(known.isSameProcess(), `it is dead: ${state}`)
  }
})

t.test('a process that executes another program is no longer the one that connected', async (t) => {
  const processes = machine()
  const known = identifierOf(processes).identify(credentials)
  processes.set(4242, { ...git, image: '9 9 9', executable: '/bin/sleep' })
  t.notOk(known.isSameProcess(), 'another program')
  processes.set(4242, { ...git, image: '9 9 9' })
  t.notOk(known.isSameProcess(), 'the same interpreter anew')
  processes.set(4242, { ...git, executable: '/bin/sleep' })
  t.notOk(known.isSameProcess(), 'where addresses are not random')
})

t.test('a process that hides its executable is still the same', async (t) => {
  const processes = machine()
  processes.set(4242, { startTime: '777', namespaces })
  const known = identifierOf(processes).identify(credentials)
  t.equal(known.peer.class, 'unidentified')
  t.ok(known.isSameProcess())
  processes.change(4242, { executable: '/usr/bin/git' })
  t.notOk(known.isSameProcess())
})

t.test(
  'ancestors are read when somebody looks, once, and only of the process itself',
  async (t) => {
    const processes = machine()
    processes.set(1, { startTime: '1', parentPid: 0, executable: '/sbin/init' })
    const known = identifierOf(processes).identify(credentials)
    const asked = processes.asked.length
    t.same(known.inquiry.ancestors(), [{ pid: 1, executable: '/sbin/init' }])
    t.ok(processes.asked.length > asked)
    const again = processes.asked.length
    t.same(known.inquiry.ancestors(), [{ pid: 1, executable: '/sbin/init' }])
    t.equal(processes.asked.length, again)
    const other = identifierOf(processes).identify(credentials)
    processes.set(4242, { ...git, startTime: '778' })
    t.same(other.inquiry.ancestors(), [], 'whoever has the pid now has other parents')
  },
)

t.test(
  'a hash is asked for once, and is nobody’s when the process changed meanwhile',
  async (t) => {
    const processes = machine()
    const pids: number[] = []
    const answers = [undefined, 'ab12']
    const hashes = {
      hashOf: async (pid: number) => {
        pids.push(pid)
        return answers[pids.length - 1]
      },
    }
    const { inquiry } = identifierOf(processes, hashes).identify(credentials)
    t.same(pids, [], 'nobody looked yet')
    t.equal(await inquiry.executableHash(), undefined)
    t.equal(await inquiry.executableHash(), 'ab12', 'what did not come in time is asked for again')
    t.equal(await inquiry.executableHash(), 'ab12')
    t.same(pids, [4242, 4242])
    processes.change(4242, { image: '9 9 9' })
    t.equal(await inquiry.executableHash(), undefined)
  },
)
