import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { type IdleSources, watchIdle } from '../../../daemon/wiring/idle-exit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { roomsWithGrant } from '../../fakes/fake-rooms.ts'

const service = { idleExitSeconds: 60 }
const config = { ...DEFAULT_CONFIG, service, ceiling: {}, policy: NO_RULES }

type Changes = Partial<Omit<IdleSources, 'rooms'>> & Partial<Pick<IdleSources['rooms'], 'rates'>>

/** A daemon that nothing keeps, but for what a test says; true when it ends after its minute. */
async function ends({ rates, ...changes }: Changes, comesBack = true): Promise<boolean> {
  const clock = new FakeClock()
  const rooms = await roomsWithGrant()
  const sources: IdleSources = {
    config: { usable: () => config },
    rooms: { clock, flights: rooms.flights, rates: rates ?? rooms.rates },
    gate: { openConnections: () => 0, admittedConnections: () => 7 },
    door: doorOf('sealed', await roomsWithGrant()),
    logins: { pending: 0 },
    desk: { pending: 0, remembered: 0 },
    capabilities: { needUs: 0 },
    glass: { list: () => [] },
    hooks: { isBusy: false },
    ...changes,
  }
  const { idle, stop } = watchIdle(sources, comesBack)
  clock.advance(60_000)
  const hasEnded = await Promise.race([idle.then(() => true), pause(1_500, false)])
  stop()
  return hasEnded
}

function doorOf(
  kind: 'sealed' | 'memory' | 'locked',
  rooms: Awaited<ReturnType<typeof roomsWithGrant>>,
  provider: 'keychain' | 'passphrase' = 'keychain',
): IdleSources['door'] {
  return {
    state: () => ({ kind, detail: 'so' }),
    facts: () => ({ state: 'open', provider, records: 1, broken: [], isRekeying: false }),
    current: () => rooms.vault(),
  }
}

t.test('it ends when nothing keeps it, and stays for each thing that does', async (t) => {
  const rooms = await roomsWithGrant()
  const queued = await roomsWithGrant({ state: { kind: 'revoked', at: 1, revocation: 'queued' } })
  const { rates } = await roomsWithGrant()
  rates.take([{ rule: 'slow', tokens: 1, seconds: 1e6 }], 'g', 'c')
  const table: readonly (readonly [string, Changes, boolean])[] = [
    ['nothing', {}, true],
    ['a locked vault', { door: doorOf('locked', rooms) }, true],
    ['memory', { door: doorOf('memory', rooms) }, false],
    ['a passphrase', { door: doorOf('sealed', rooms, 'passphrase') }, false],
    ['a revocation', { door: doorOf('sealed', queued) }, false],
    ['a connection', { gate: { openConnections: () => 1, admittedConnections: () => 7 } }, false],
    ['a capability', { capabilities: { needUs: 1 } }, false],
    ['a login', { logins: { pending: 1 } }, false],
    ['a question', { desk: { pending: 1, remembered: 0 } }, false],
    ['an answer', { desk: { pending: 0, remembered: 1 } }, false],
    ['a hook', { hooks: { isBusy: true } }, false],
    ['a rate', { rates }, false],
    ['no wish', { config: { usable: () => ({ ...config, service: {} }) } }, false],
    ['a broken file', { config: { usable: () => undefined } }, false],
  ]
  const found = await Promise.all(
    table.map(async ([what, changes]) => [what, await ends(changes)] as const),
  )
  t.same(
    found,
    table.map(([what, , isExpected]) => [what, isExpected]),
  )
})

t.test('where nobody starts another one it stays', async (t) => {
  t.notOk(await ends({}, false))
})
