import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { PASSPHRASE } from '../integration/vault-commands.ts'
import { type Answer, startWorld, type World } from '../integration/world.ts'
import { needsNamespaces } from './namespaces.ts'
import { inOwnMounts } from './own-mounts.ts'

/** Room for a vault and some thousand records. */
const DISK_BYTES = 2_097_152

/** A page of the file system holds no more records than this. */
const MOST_BEFORE_FULL = 60

const unavailable = { status: 503, body: { code: 'audit_unavailable' } }

/** A file system of its own for everything that is made in the temporary directory from now on. */
function smallDisk(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'g-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=0700`, 'tmpfs', made])
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = made
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    execFileSync('umount', [made])
    rmSync(made, { recursive: true })
  })
  return made
}

/** Takes what is left of a disk, to the last byte. */
function fill(disk: string): void {
  const fd = openSync(join(disk, 'ballast'), 'a')
  try {
    for (let size = 65_536; size >= 1; size >>= 1) while (writes(fd, size));
  } finally {
    closeSync(fd)
  }
  if (statfsSync(disk).bfree !== 0) throw new Error('the disk is not full')
}

function writes(fd: number, size: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(size)) > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

const makeRoom = (disk: string): void => rmSync(join(disk, 'ballast'))

async function openWorld(t: Test): Promise<World> {
  const world = await startWorld({ config: '[vault]\nsealing_key = "passphrase"\n' })
  t.teardown(() => world.close())
  const made = await world.ask('admin', 'POST', '/v1/vault/init', {
    body: { provider: 'passphrase', passphrase: PASSPHRASE },
  })
  if (made.status !== 200) throw new Error(`no vault: ${made.text}`)
  await world.login()
  return world
}

/** Asks as long as there is room within the last page of the log. */
async function untilRefused(ask: () => Promise<Answer>): Promise<{ given: number; last: Answer }> {
  for (let given = 0; ; given += 1) {
    const last = await ask()
    if (last.status !== 200 || given > MOST_BEFORE_FULL) return { given, last }
  }
}

const unlock = (world: World): Promise<Answer> =>
  world.ask('admin', 'POST', '/v1/vault/unlock', { body: { passphrase: PASSPHRASE } })

/** Whole lines of the log that say that a token left. */
async function issued(world: World): Promise<number> {
  const { stdout } = await world.run(['audit', 'query', '--event', 'token.issued', '--json'])
  return stdout.trim().split('\n').length
}

function promises(): void {
  t.test('on a full disk nothing is issued, and with room again all goes on', async (t) => {
    const disk = smallDisk(t)
    const world = await openWorld(t)
    const cached = () => world.token({ grant: 'work' })
    const fresh = () => world.token({ grant: 'work', scope: 'repo:read' })
    const verify = () => world.run(['audit', 'verify'])
    const doomed = () => world.token({ grant: 'doomed' })
    await world.login({ grant: 'doomed' })
    t.match(await doomed(), { status: 200 })
    t.match(await cached(), { status: 200 })
    const exchanges = world.issuer.counts('refresh_token')

    fill(disk)
    const { given, last } = await untilRefused(cached)
    t.comment(`${given} records found room`)
    t.match(last, unavailable)
    for (let times = 0; times < 3; times += 1) t.match(await cached(), unavailable, 'each time')
    t.match(await fresh(), unavailable)
    t.match(await world.token({ grant: 'nobody' }), unavailable, 'nor is a no said')
    t.match(await world.startLogin().catch(String), /audit_unavailable/)
    t.same(world.issuer.counts('refresh_token'), exchanges, 'no issuer was asked')
    t.match(await world.ask('broker', 'GET', '/v1/health'), { status: 200 }, 'it is alive')
    const revoked = await world.ask('admin', 'POST', '/v1/grants/doomed/revoke')
    t.ok(revoked.status >= 400, `it is told that it is not durable: ${revoked.text}`)
    t.equal(await issued(world), given + 2, 'each that left has its record')
    t.match(await verify(), { status: 0 }, 'what is there is whole')

    makeRoom(disk)
    t.match(await doomed(), { status: 401 }, 'what was revoked meanwhile has ended')
    t.match(await cached(), { status: 200 })
    t.match(await fresh(), { status: 200 })
    t.match(await world.token({ grant: 'nobody' }), { status: 404 })
    t.match(await verify(), { status: 0 })
    t.equal(await issued(world), given + 4)
    await world.login({ grant: 'later' })
    t.match(await world.token({ grant: 'later' }), { status: 200 })
    await world.restart()
    t.match(await unlock(world), { status: 200 })
    t.match(await cached(), { status: 200 })
    t.match(await doomed(), { status: 401 }, 'and does not come back')
  })

  t.test('a daemon that dies on a full disk goes on where its log was cut short', async (t) => {
    const disk = smallDisk(t)
    const world = await openWorld(t)
    const ask = () => world.token({ grant: 'work' })
    t.match(await ask(), { status: 200 })
    fill(disk)
    const { given, last } = await untilRefused(ask)
    t.match(last, unavailable)
    const cut = world.auditLog().split('\n').at(-1) ?? ''
    await world.kill()
    await t.rejects(world.restart(), /audit_unavailable|ENOSPC/, 'nor does one start unrecorded')

    makeRoom(disk)
    await world.restart()
    t.match(await unlock(world), { status: 200 })
    t.match(await ask(), { status: 200 })
    t.equal(await issued(world), given + 2)
    t.match(await world.run(['audit', 'verify']), { status: 0 })
    // a page may end just where a line does
    const isTorn = cut !== '' && !cut.endsWith('}')
    t.equal(world.auditLog().includes('"audit.torn"'), isTorn, `and says so: ${isTorn}`)
  })
}

inOwnMounts(
  'a disk is full',
  fileURLToPath(import.meta.url),
  needsNamespaces('mount', 'umount'),
  promises,
)
