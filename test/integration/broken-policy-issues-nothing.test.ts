import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { afterChange, recordsOf, writePolicy } from './policy-file.ts'
import { startWorld, tokenOf } from './world.ts'

const RULE = '[[rule]]\nname = "r"\neffect = "deny"\ngrant = "other"\n'

/** What may become of a file, and what is said of it; each does it to a file in order. */
const BROKEN: Readonly<Record<string, readonly [damage: (path: string) => void, what: RegExp]>> = {
  'open to a group': [(path) => chmodSync(path, 0o620), /: can be written by others; chmod go-w$/],
  'a directory': [
    (path) => {
      rmSync(path)
      mkdirSync(path)
    },
    /: is not a file$/,
  ],
  'a pipe': [
    (path) => {
      rmSync(path)
      execFileSync('/usr/bin/mkfifo', ['-m', '600', path])
    },
    /: is not a file$/,
  ],
  '100 MB long': [(path) => truncateSync(path, 104_857_600), /: is longer than 65536 bytes$/],
  'not UTF-8': [(path) => writeFileSync(path, Buffer.from([0x23, 0xff])), /: is not UTF-8$/],
  gone: [(path) => rmSync(path), /: was removed while it was in use/],
  'a link to nothing': [
    (path) => {
      rmSync(path)
      symlinkSync('nowhere.toml', path)
    },
    /: is a symbolic link to nothing$/,
  ],
  'not TOML': [(path) => writeFileSync(path, '[[rule]\n'), /:1:\d+: Invalid TOML/],
  'with a key nobody knows': [
    (path) => writeFileSync(path, `${RULE}exectuable = "/usr/bin/git"\n`),
    /:5:1: unknown key "exectuable" in "rule"$/,
  ],
  'with a value nobody knows': [
    (path) => writeFileSync(path, RULE.replace('deny', 'forbid')),
    /:3:1: "effect" must be one of allow, deny, limit$/,
  ],
  'with two rules of one name': [
    (path) => writeFileSync(path, RULE.repeat(2)),
    /:6:1: a second rule has this name$/,
  ],
  ...(process.getuid?.() === 0 && {
    "somebody else's": [
      (path: string) => chownSync(path, 65_534, 65_534),
      /: belongs to uid 65534$/,
    ],
  }),
}

t.test('under a broken file nothing leaves, and nothing of it is kept', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const path = join(world.directory, 'config.toml')
  const ask = () => world.token({ grant: 'work' })
  const cached = tokenOf(await ask()).access_token
  const refreshed = recordsOf(world, 'grant.refreshed').length
  for (const [name, [damage, what]] of Object.entries(BROKEN))
    await t.test(name, async (t) => {
      rmSync(path, { recursive: true, force: true })
      writePolicy(world, RULE)
      damage(path)
      const refused = await afterChange(ask)
      t.match(refused, { status: 503, body: { code: 'config_invalid', hint: /no restart/ } })
      const detail = String(refused.body?.['detail'])
      t.ok(detail.startsWith(`${path}:`), 'the file is named')
      t.match(detail, what)
      for (const [role, method, route, body] of [
        ['broker', 'GET', '/v1/grants', undefined],
        ['admin', 'POST', '/v1/policy/explain', { grant: 'work', pid: process.pid }],
      ] as const)
        t.match(await world.ask(role, method, route, { ...(body && { body }) }), { status: 503 })
      t.match(recordsOf(world, 'policy.broken').at(-1)?.['reason'], what)
      t.match((await world.ask('admin', 'GET', '/v1/policy')).body, {
        files: [{ level: 'system' }, { level: 'user', path, problem: what }],
        rules: [],
      })
    })
  rmSync(path, { recursive: true, force: true })
  writePolicy(world, '')
  t.equal(tokenOf(await afterChange(ask)).access_token, cached, 'mended, without a restart')
  t.equal(recordsOf(world, 'grant.refreshed').length, refreshed, 'and nothing was sent meanwhile')
})
