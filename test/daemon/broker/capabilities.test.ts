import t from 'tap'
import { MAX_CAPABILITIES } from '../../../daemon/base/limits.ts'
import { StartupError } from '../../../daemon/base/startup-error.ts'
import { Capabilities, type CapabilityParts } from '../../../daemon/broker/capabilities.ts'
import type { HeldCapability } from '../../../daemon/broker/held-capability.ts'
import type { Capability } from '../../../daemon/capability/capability.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'

interface Scene {
  readonly rooms: FakeRooms
  readonly capabilities: Capabilities
  readonly disk: Map<string, Capability>
  readonly open: HeldCapability[]
  readonly logged: string[]
  readonly say: {
    open: () => void
    write: () => void | Promise<void>
    remove: () => void
    isAlive: boolean
    isLent: boolean
  }
}

async function scene(kept: readonly Capability[] = []): Promise<Scene> {
  const rooms = await roomsWithGrant()
  const disk = new Map(kept.map((one) => [one.name, one]))
  const open: HeldCapability[] = []
  const logged: string[] = []
  const say: Scene['say'] = {
    open: () => undefined,
    write: () => undefined,
    remove: () => undefined,
    isAlive: true,
    isLent: false,
  }
  const parts: CapabilityParts = {
    clock: rooms.clock,
    audit: rooms.audit,
    vault: rooms.vault,
    log: {
      error: (message) => void logged.push(message),
      warn: (message) => void logged.push(message),
    },
    store: {
      read: async () => ({ capabilities: [...disk.values()], broken: ['cut.json'] }),
      write: async (one) => {
        await say.write()
        disk.set(one.name, one)
        rooms.steps.push(`write ${one.used}`)
      },
      remove: async (name) => {
        say.remove()
        disk.delete(name)
      },
    },
    open: async (held) => {
      say.open()
      open.push(held)
      rooms.steps.push(`open ${held.name}`)
      return {
        isLent: say.isLent,
        stopListening: () => void rooms.steps.push(`stop ${held.name}`),
        close: async (how) => void rooms.steps.push(`close ${held.name} ${how}`),
      }
    },
    tie: (pid) =>
      pid === 7
        ? {
            pid,
            startTime: '5',
            isAlive: () => say.isAlive,
            release: () => void rooms.steps.push('release'),
          }
        : undefined,
    defaultPath: (name) => `/run/${name}.sock`,
  }
  return { rooms, capabilities: new Capabilities(parts), disk, open, logged, say }
}

const asked = { name: 'ci', grant: 'work' }
const caller = sampleCaller({ listener: 'admin' })
/** The ends of capabilities are tidied up behind whoever ended them. */
const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve()
}

t.test('one that is added is on the disk and on record before its socket opens', async (t) => {
  const { rooms, capabilities } = await scene()
  const made = await capabilities.add(caller, asked)
  t.match(made, { name: 'ci', path: '/run/ci.sock', used: 0 })
  t.same(rooms.steps, ['write 0', 'audit: capability.added', 'open ci'])
  t.same(capabilities.list(), { capabilities: [made] })
  t.same(capabilities.ofGrant(rooms.vault().list()[0]?.id ?? ''), [{ name: 'ci', used: 0 }])
  t.same(capabilities.ofGrant('another'), [])
  await t.rejects(capabilities.add(caller, asked), { code: 'invalid_request' })
})

t.test('what cannot be made leaves nothing behind', async (t) => {
  for (const [break_, code] of [
    [
      ({ say }: Scene) => {
        say.open = () => {
          throw new StartupError('no socket there', 'look at it')
        }
      },
      'invalid_request',
    ],
    [
      ({ say }: Scene) => {
        say.write = () => {
          throw Object.assign(new Error(), { code: 'ENOSPC' })
        }
      },
      'vault_locked',
    ],
    [({ rooms }: Scene) => Object.assign(rooms.audit, { failing: 'all' }), 'audit_unavailable'],
  ] as const) {
    const made = await scene()
    break_(made)
    await t.rejects(made.capabilities.add(caller, asked), { code })
    t.same(made.capabilities.list(), { capabilities: [] })
    t.equal(made.disk.size, 0)
    t.same(
      made.rooms.steps.filter((step) => step.startsWith('open')),
      [],
    )
  }
  const { capabilities } = await scene()
  await t.rejects(capabilities.add(caller, { ...asked, grant: 'nobody' }), {
    code: 'unknown_grant',
  })
  await t.rejects(capabilities.add(caller, { ...asked, bind_pid: 8 }), { code: 'invalid_request' })
})

t.test('there are only so many', async (t) => {
  const { capabilities } = await scene()
  for (let count = 0; count < MAX_CAPABILITIES; count += 1)
    await capabilities.add(caller, { ...asked, name: `c${count}` })
  await t.rejects(capabilities.add(caller, asked), { message: /256/ })
})

t.test('a removal closes the socket before it is told, and names are free again', async (t) => {
  const { rooms, capabilities, disk, open } = await scene()
  await capabilities.add(caller, asked)
  rooms.steps.length = 0
  t.match(await capabilities.remove(caller, 'ci'), { name: 'ci' })
  t.same(rooms.steps, ['close ci cut', 'audit: capability.removed'])
  t.equal(disk.size, 0)
  t.throws(() => open[0]?.within({}), { code: 'access_denied' })
  await t.rejects(capabilities.remove(caller, 'ci'), { code: 'invalid_request' })
  t.match(await capabilities.add(caller, asked), { name: 'ci' })
})

t.test('time, the last use, the process and the grant end one, on record', async (t) => {
  for (const [more, happen, end, how] of [
    [{}, async ({ rooms }: Scene) => rooms.clock.advance(13 * 3_600_000), 'expired', 'cut'],
    [{ uses: 1 }, async ({ open }: Scene) => await open[0]?.spend(), 'used_up', 'answer'],
    [
      { bind_pid: 7 },
      async ({ say }: Scene) => {
        say.isAlive = false
      },
      'process_ended',
      'cut',
    ],
    [
      {},
      async ({ capabilities, rooms }: Scene) =>
        capabilities.endOfGrant(rooms.vault().list()[0]?.id ?? ''),
      'grant_ended',
      'cut',
    ],
    [
      {},
      async ({ rooms }: Scene) => {
        await rooms.vault().remove(rooms.vault().list()[0]?.id ?? '')
      },
      'grant_ended',
      'cut',
    ],
  ] as const) {
    const made = await scene()
    await made.capabilities.add(caller, { ...asked, ...more })
    t.equal(made.disk.size, 'bind_pid' in more ? 0 : 1, 'a bound one is never on the disk')
    await happen(made)
    await made.capabilities.sweep()
    await settled()
    t.same(made.capabilities.list(), { capabilities: [] }, end)
    t.equal(made.disk.size, 0)
    t.match(made.rooms.audit.entries.at(-1), { event: 'capability.ended', reason: end })
    t.ok(made.rooms.steps.includes(`close ci ${how}`))
    t.equal(made.rooms.steps.includes('release'), 'bind_pid' in more)
  }
})

t.test('an end that cannot be tidied up is an end all the same, and logged', async (t) => {
  const { capabilities, say, logged } = await scene()
  await capabilities.add(caller, asked)
  say.remove = () => {
    throw new Error('read-only')
  }
  await capabilities.remove(caller, 'ci')
  t.same(capabilities.list(), { capabilities: [] })
  t.match(logged, [/has ended, and something is left/])
})

t.test('a locked vault ends no capability, and its counts are saved all the same', async (t) => {
  const { rooms, capabilities, open, disk } = await scene()
  await capabilities.add(caller, asked)
  rooms.say.vault = () => {
    throw new Error('locked')
  }
  await open[0]?.spend()
  await capabilities.sweep()
  t.equal(disk.get('ci')?.used, 1)
  t.match(capabilities.list(), { capabilities: [{ used: 1 }] })
})

t.test('the next start opens what is left of them, each by itself', async (t) => {
  const grantId = (await scene()).rooms.vault().list()[0]?.id ?? ''
  const { rooms, capabilities, disk, logged, say } = await scene([
    sampleCapability({ name: 'over', used: 2, grantId }),
    sampleCapability({ name: 'bad', grantId }),
    sampleCapability({ name: 'good', used: 1, grantId }),
  ])
  const opening: string[] = []
  say.open = () => {
    opening.push('one')
    if (opening.length === 1) throw new StartupError('no directory')
  }
  await capabilities.restore()
  await settled()
  t.match(capabilities.list(), { capabilities: [{ name: 'good', used: 1, uses: 2 }] })
  t.same([...disk.keys()], ['good'])
  t.match(logged, [/cannot be read/, /"bad" could not be opened/])
  await capabilities.close()
  t.same([...disk.keys()], ['good'], 'and it stays at the end')
  t.ok(rooms.steps.includes('close good answer'))
})

t.test(
  'one that ends while it is being made, or written, leaves no file and no socket',
  async (t) => {
    const { rooms, capabilities, disk, open, say } = await scene()
    rooms.audit.whileSyncing = async ({ event }) => {
      if (event !== 'capability.added') return
      // a revocation in the middle of it
      capabilities.endOfGrant(rooms.vault().list()[0]?.id ?? '')
      await settled()
    }
    await t.rejects(capabilities.add(caller, asked), { message: /ended at once: grant_ended/ })
    t.equal(disk.size, 0)
    t.same(
      rooms.steps.filter((step) => /^(open|close)/.test(step)),
      ['open ci', 'close ci cut'],
    )
    rooms.audit.whileSyncing = async () => undefined
    await capabilities.add(caller, { ...asked, uses: 2 })
    let removing: Promise<unknown> | undefined
    say.write = async () => {
      removing = capabilities.remove(caller, 'ci')
      await settled()
    }
    await open.at(-1)?.spend()
    await removing
    t.equal(disk.size, 0, 'the count that was on its way did not bring it back')
  },
)

t.test('one whose socket is lent and whose terms are kept needs no daemon', async (t) => {
  const { rooms, capabilities, say } = await scene()
  await capabilities.add(caller, asked)
  t.equal(capabilities.needUs, 1, 'its socket would go')
  say.isLent = true
  await capabilities.add(caller, { ...asked, name: 'lent' })
  t.equal(capabilities.needUs, 1)
  await capabilities.add(caller, { ...asked, name: 'bound', bind_pid: 7 })
  t.equal(capabilities.needUs, 2, 'it lives in memory')
  rooms.steps.length = 0
  capabilities.stopListening()
  t.same(rooms.steps, ['stop ci', 'stop lent', 'stop bound'])
})
