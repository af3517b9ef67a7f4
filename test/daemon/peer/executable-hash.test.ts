import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, copyFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createExecutableHashes, type HashLimits } from '../../../daemon/peer/executable-hash.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { needsLinux } from '../../needs.ts'

const linuxOnly = needsLinux()

const LIMITS: HashLimits = { maxBytes: 2 ** 29, deadlineMs: 30_000, maxAtOnce: 2, maxKnown: 8 }

function hashes(limits: Partial<HashLimits> = {}, now = Date.now()) {
  return createExecutableHashes({
    clock: new FakeClock(now),
    limits: { ...LIMITS, ...limits },
  })
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

async function run(t: Test, path: string, ...args: string[]): Promise<number> {
  const child = spawn(path, args.length === 0 ? ['60'] : args, { stdio: 'ignore' })
  await once(child, 'spawn')
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return child.pid ?? 0
}

t.test(
  'the hash is that of the file that runs, whatever lies at its path',
  linuxOnly,
  async (t) => {
    const path = join(t.testdir(), 'sleep')
    copyFileSync('/bin/sleep', path)
    const pid = await run(t, path)
    const expected = sha256(path)
    const h = hashes()
    t.equal(await h.hashOf(pid), expected)
    copyFileSync('/bin/sleep', `${path}.new`)
    appendFileSync(`${path}.new`, 'another one')
    renameSync(`${path}.new`, path)
    t.equal(await h.hashOf(pid), expected, 'the file of before still runs')
    t.equal(await h.hashOf(await run(t, path)), sha256(path))
  },
)

t.test('a program that took too long once is known the next time', linuxOnly, async (t) => {
  // far too short to read a hundred megabytes, and enough for a look
  const h = hashes({ deadlineMs: 20 }, Date.now() + 60_000)
  t.equal(await h.hashOf(process.pid), undefined)
  let hash: string | undefined
  for (let tries = 0; hash === undefined && tries < 500; tries++) hash = await h.hashOf(process.pid)
  t.equal(hash, sha256(process.execPath))
})

t.test(
  'a file that changed a moment ago may change again unseen: read anew',
  linuxOnly,
  async (t) => {
    const path = join(t.testdir(), 'node')
    copyFileSync(process.execPath, path)
    const h = hashes({ deadlineMs: 20 })
    const pid = await run(t, path, '-e', 'setTimeout(() => {}, 60_000)')
    for (let tries = 0; tries < 10; tries++) t.equal(await h.hashOf(pid), undefined)
  },
)

t.test('nobody waits for a program that is too large or too slow', linuxOnly, async (t) => {
  t.equal(await hashes({ maxBytes: 1_000 }).hashOf(process.pid), undefined, 'too large')
  const slow = hashes({ deadlineMs: 1, maxAtOnce: 1 })
  t.same(await Promise.all([slow.hashOf(process.pid), slow.hashOf(process.pid)]), [
    undefined,
    undefined,
  ])
})

t.test('those that wait for their turn get it', linuxOnly, async (t) => {
  const one = hashes({ maxAtOnce: 1, maxKnown: 1 }, Date.now() + 60_000)
  const sleeping = await run(t, '/bin/sleep')
  const [first, second, third] = await Promise.all([
    one.hashOf(sleeping),
    one.hashOf(process.pid),
    one.hashOf(sleeping),
  ])
  t.equal(first, sha256('/bin/sleep'))
  t.equal(second, sha256(process.execPath))
  t.equal(third, first)
})

t.test('what does not exist has no hash', async (t) => {
  t.equal(await hashes().hashOf(0), undefined)
  t.equal(await hashes().hashOf(2 ** 22 + 1), undefined)
})
