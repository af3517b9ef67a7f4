import t from 'tap'
import { CapabilityLives, factsOf } from '../../../daemon/broker/capability-lives.ts'
import { fakeRooms } from '../../fakes/fake-rooms.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'

const { rooms, lives, steps } = scene()

function scene() {
  const rooms = fakeRooms()
  const { steps } = rooms
  const lives = new CapabilityLives({
    clock: rooms.clock,
    audit: rooms.audit,
    log: { error: (message) => void steps.push(message) },
    store: {
      read: async () => ({ capabilities: [], broken: [] }),
      write: async ({ name }) => void steps.push(`write ${name}`),
      remove: async (name) => void steps.push(`remove ${name}`),
    },
    open: async ({ name }) => {
      if (name === 'no') throw new Error('no socket')
      return {
        isLent: false,
        stopListening: () => undefined,
        close: async (how) => void steps.push(`close ${name} ${how}`),
      }
    },
  })
  return { rooms, lives, steps }
}

t.beforeEach(() => {
  steps.length = 0
})

t.test('one that is entered counts before it has a socket', async (t) => {
  const held = lives.enter(sampleCapability(), undefined)
  t.equal(lives.size, 1)
  t.equal(lives.get('ci')?.socket, undefined)
  await lives.make(held, () => lives.keep(held.facts))
  t.ok(lives.get('ci')?.socket)
  t.same(lives.all(), [lives.get('ci')])
  t.same(steps, ['write ci'])
})

t.test('its end leaves neither socket nor file, and is on record first', async (t) => {
  const held = lives.get('ci')?.held
  held?.over('expired')
  t.equal(lives.get('ci'), undefined, 'it is gone at once')
  await lives.ended('ci')
  t.match(rooms.audit.entries.at(-1), { event: 'capability.ended', reason: 'expired' })
  t.ok(steps.includes('close ci cut'))
  t.ok(steps.includes('remove ci'))
  await lives.ended('ci')
})

t.test('one that cannot be opened has ended, and was never there', async (t) => {
  const held = lives.enter(sampleCapability({ name: 'no' }), undefined)
  await t.rejects(
    lives.make(held, async () => undefined),
    { message: 'no socket' },
  )
  await lives.ended('no')
  t.equal(lives.size, 0)
  await t.rejects(
    lives.make(held, async () => undefined),
    { message: /has ended/ },
  )
})

t.test('one that is bound to a process is written nowhere', async (t) => {
  await lives.keep(sampleCapability({ bound: { pid: 7, startTime: '5' } }))
  t.same(steps, [])
})

t.test('the end of a daemon closes sockets and keeps files', async (t) => {
  const held = lives.enter(sampleCapability({ name: 'kept' }), undefined)
  await lives.make(held, async () => undefined)
  await lives.close()
  t.ok(steps.includes('close kept answer'))
  t.notOk(steps.includes('remove kept'))
})

t.test('what records say of one', async (t) => {
  t.match(factsOf(sampleCapability()), { capability: 'ci', grant: 'work', scope: ['repo:read'] })
})
