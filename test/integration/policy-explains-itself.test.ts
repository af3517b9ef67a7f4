import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { afterChange, recordsOf, writePolicy } from './policy-file.ts'
import { startWorld } from './world.ts'

const PROGRAM = realpathSync(process.execPath)

const rule = (name: string, effect: string, more = '') =>
  `[[rule]]\nname = "${name}"\neffect = "${effect}"\n${more}`

/** Files, and what this process would be told under each. */
const POLICIES: Readonly<Record<string, string>> = {
  'without rules': '',
  'denied by its path': rule('no node', 'deny', `executable = "${PROGRAM}"\n`),
  'denied by its class': rule('no local', 'deny', 'class = "local"\n'),
  'allowed by its path, among others':
    rule('all', 'allow') +
    rule('node', 'allow', `executable = "${PROGRAM}"\n`) +
    rule('others', 'allow', 'executable = "/usr/bin/git"\nclass = "local"\n'),
  'allowed to others': rule('git', 'allow', 'executable = "/usr/bin/git"\n'),
  'capped below what is asked': rule('reads', 'limit', 'max_scope = "repo:read"\n'),
  'tried out': `[policy]\nmode = "audit"\n${rule('no', 'deny')}`,
  'another grant': rule('not home', 'deny', 'grant = "home"\n'),
}

t.test('what is explained is what happens', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  for (const [name, policy] of Object.entries(POLICIES)) {
    writePolicy(world, policy)
    await afterChange(() => world.token({ grant: 'work' }))
    for (const scope of ['repo:read', 'repo:read repo:write'])
      await t.test(`${name}: ${scope}`, async (t) => {
        const answer = await world.token({ grant: 'work', scope })
        const body = { grant: 'work', pid: process.pid, scope }
        const explained = await world.ask('admin', 'POST', '/v1/policy/explain', { body })
        const told = explained.body ?? {}
        t.match(told, { peer: { class: 'local', executable: PROGRAM, pid: process.pid } })
        const record = recordsOf(world, answer.status === 200 ? 'token.issued' : 'token.denied')
        const { rule: ruled, would_deny: wouldDeny } = record.at(-1) ?? {}
        t.equal(told['rule'], ruled, 'the rule on record')
        t.same(told['would_deny'], wouldDeny)
        if (answer.status === 200)
          t.match(told, { decision: 'allow', scope: answer.body?.['scope'] })
        else t.match(told, { decision: 'deny', code: answer.body?.['code'] })
      })
  }
})

t.test('a person can read it, and ask about who is not there', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  writePolicy(world, rule('night', 'deny', 'executable = "/usr/bin/git"\nhours = "22:00-06:00"\n'))
  await afterChange(() => world.token({ grant: 'work' }))
  const ask = (...args: string[]) =>
    world.run(['policy', 'explain', '--grant=work', '--exe=/usr/bin/git', ...args])
  t.match((await ask('--at=12:00')).stdout, /^allowed by "built-in"\n.*\n {2}class +local\n/)
  const night = await ask('--at=23:10')
  t.match(night.stdout, /^denied by "night": a rule denies it\n/)
  t.match(night.stdout, /\n {2}user +night +deny +denies +fits\n/)
  const day = await ask('--at=12:00')
  t.match(day.stdout, /\n {2}user +night +deny +- +it is not 22:00-06:00\n/)
  t.match(
    (await ask('--at=12:00', '--class=container')).stdout,
    /^denied by "built-in": no rule names the class/,
  )
  t.match((await ask('--grant=nobody')).status, 4)
  t.match(await ask('--pid=1'), { status: 2 })
  t.match(await world.run(['policy', 'explain', '--grant=work', '--pid=4194304']), {
    status: 2,
    stderr: /there is no process 4194304/,
  })
})

t.test('a file is checked before it is put in its place', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const file = join(world.directory, 'draft.toml')
  const check = async (text: string, ...more: string[]) => {
    writeFileSync(file, text)
    return await world.run(['policy', 'check', file, ...more])
  }
  t.match(await check(rule('r', 'allow')), { status: 0, stdout: `${file}: 1 rule\n` })
  t.match(await check(rule('r', 'allow'), '--system'), {
    status: 2,
    stderr: `${file}:3:1: the system file can only narrow: deny or limit\n`,
  })
  t.match(await check(rule('r', 'deny', 'grnat = "work"\n')), {
    status: 2,
    stdout: '',
    stderr: `${file}:4:1: unknown key "grnat" in "rule"\n`,
  })
  t.match(await world.run(['policy', 'check']), { status: 0, stdout: /config\.toml +0 rules\n$/ })
  writePolicy(world, '[[rule]]\n')
  await afterChange(() => world.token({ grant: 'work' }))
  const config = join(world.directory, 'config.toml')
  t.match(await world.run(['policy', 'check']), {
    status: 2,
    stderr: `${config}:3:3: a rule needs a "name"\n`,
  })
})
