import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { machineIdentity } from '../../daemon/vault/machine-identity.ts'
import { startWorld, tokenOf } from '../integration/world.ts'
import { countInMemory } from './process-memory.ts'

/**
 * Of the sealing key, and of the record key derived from it, it is promised; how many copies of tokens the HTTP and OAuth libraries
 * leave behind is measured and printed.
 */
t.test('after a lock neither key is anywhere in the memory of the daemon', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'grantd-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const credentials = join(home, 'credentials')
  mkdirSync(credentials, { mode: 0o700 })
  const key = randomBytes(32)
  writeFileSync(join(credentials, 'grantd-sealing-key'), key, { mode: 0o400 })
  const world = await startWorld({
    config: '[vault]\nsealing_key = "credential-file"\n',
    environment: { CREDENTIALS_DIRECTORY: credentials },
  })
  t.teardown(() => world.close())
  const given: string[] = []
  const rewrite = <A extends { readonly body: string }>(answer: A): A => {
    const { refresh_token } = JSON.parse(answer.body) as { readonly refresh_token?: string }
    if (refresh_token !== undefined) given.push(refresh_token)
    return answer
  }
  world.issuer.proxy.next({ kind: 'rewrite', rewrite }, 1_000)
  for (const grant of ['first', 'second', 'work']) {
    await world.login({ grant })
    tokenOf(await world.token({ grant }))
  }
  const { access_token } = tokenOf(await world.token({ grant: 'work' }))
  const machine = await machineIdentity(join(world.directory, 'state', 'grantd'))
  const needles = {
    key,
    digits: Buffer.from(key.toString('hex')),
    recordKey: Buffer.from(hkdfSync('sha256', key, machine, 'grantd record key 1', 32)),
    refreshToken: Buffer.from(given.at(-1) ?? ''),
    accessToken: Buffer.from(access_token),
  }
  const look = (when: string) => {
    const [sealing, digits, record, refresh, access] = countInMemory(
      world.daemonPid(),
      Object.values(needles),
    )
    t.comment(`${when}: ${refresh} copies of a refresh token, ${access} of an access token`)
    return { sealing, digits, record }
  }
  const inItsBuffer = { sealing: 1, digits: 0, record: 1 }
  t.same(look('open'), inItsBuffer, 'each in one buffer, and nowhere else')
  t.equal((await world.run(['lock'])).status, 0)
  const nowhere = { sealing: 0, digits: 0, record: 0 }
  t.same(look('locked'), nowhere)
  await pause(3_000)
  t.same(look('3 s later'), nowhere)
  t.equal((await world.run(['unlock'])).status, 0)
  tokenOf(await world.token({ grant: 'work' }))
  t.same(look('open again'), inItsBuffer)
})
