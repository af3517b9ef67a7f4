import t from 'tap'
import { parseConfig } from '../../../daemon/config/parse-config.ts'
import { MAX_RULES, readRules } from '../../../daemon/config/read-rules.ts'

const head = (effect: string, name = 'r') => `[[rule]]\nname = "${name}"\neffect = "${effect}"\n`

t.test('a rule says what it says, under the names of the code', async (t) => {
  const text = `
[[rule]]
name = "all of it"
effect = "allow"
executable_sha256 = "${'AB'.repeat(32)}"
executable = ["/usr/bin/git", "/usr/bin/gh"]
unit = "backup.service"
capability = "ci"
gid = [0, 1000]
class = ["local", "container"]
listener = "broker"
grant = "work"
audience = "https://api.example"
scope = ["a", "b"]
hours = "22:00-24:00"
days = "mon"
max_scope = "a"
max_lifetime = "5m"
consent = "15m"
rate = "30/1m"
offline = false
[[rule]]
name = "glass"
effect = "deny"
break_glass = true
`
  const parsed = parseConfig(text)
  t.same('config' in parsed && parsed.config.rules, [
    {
      name: 'all of it',
      effect: 'allow',
      selectors: {
        executableSha256: ['ab'.repeat(32)],
        executable: ['/usr/bin/git', '/usr/bin/gh'],
        unit: ['backup.service'],
        capability: ['ci'],
        gid: [0, 1000],
        class: ['local', 'container'],
        listener: ['broker'],
        grant: ['work'],
        audience: ['https://api.example'],
        scope: ['a', 'b'],
      },
      window: { hours: { from: 1320, to: 1440 }, days: ['mon'] },
      terms: {
        maxScope: ['a'],
        maxLifetimeSeconds: 300,
        consent: { seconds: 900 },
        rate: { tokens: 30, seconds: 60 },
        offline: false,
      },
      isBreakGlass: false,
    },
    { name: 'glass', effect: 'deny', selectors: {}, window: {}, terms: {}, isBreakGlass: true },
  ])
})

t.test('what contradicts itself is told, with its place', async (t) => {
  const table: readonly (readonly [string, number, number, string])[] = [
    ['[[rule]]\neffect = "deny"', 1, 3, 'a rule needs a "name"'],
    ['[[rule]]\nname = "r"', 1, 3, 'a rule needs an "effect"'],
    [`${head('deny')}${head('deny')}`, 5, 1, 'a second rule has this name'],
    [`${head('deny')}  rate = "1/1m"`, 4, 3, '"rate" means nothing in a rule that denies'],
    [`${head('deny')}consent = "once"`, 4, 1, '"consent" means nothing in a rule that denies'],
    [head('limit'), 3, 1, 'the rule limits nothing'],
    [`${head('limit')}grant = "work"`, 3, 1, 'the rule limits nothing'],
    [
      `${head('allow')}break_glass = false`,
      4,
      1,
      '"break_glass" means nothing in a rule that allows',
    ],
    [`${head('allow')}nmae = 1`, 4, 1, 'unknown key "nmae" in "rule"'],
    [`${head('allow')}[rule.deep]`, 4, 7, 'unknown key "deep" in "rule"'],
    ['[rule]\nname = "r"', 1, 2, '"rule" must be tables, each headed [[rule]]'],
    ['rule = [1]', 1, 1, '"rule" must be tables, each headed [[rule]]'],
    ['[policy]\nmod = 1', 2, 1, 'unknown key "mod" in "policy"'],
    ['[policy]\nmode = "on"', 2, 1, '"mode" must be one of enforce, audit'],
    [
      `rule = [{ name = "r", effect = "deny" }, { name = "r", effect = "deny" }]`,
      1,
      44,
      'a second rule has this name',
    ],
  ]
  for (const [text, line, column, message] of table)
    t.same(parseConfig(text), { problem: { line, column, message } }, text)
})

t.test('hours alone limit', async (t) => {
  t.match(parseConfig(`${head('limit')}hours = "08:00-18:00"`), { config: {} })
  t.match(parseConfig(`${head('limit')}days = ["sat"]`), { config: {} })
})

t.test('a file of the system says nothing that could widen', async (t) => {
  const table: readonly (readonly [string, number, number, string])[] = [
    [head('allow'), 3, 1, 'the system file can only narrow: deny or limit'],
    ['[policy]\nmode = "audit"', 2, 1, '"mode" must be one of enforce'],
    ['[log]', 1, 2, 'unknown table "log"'],
    ['[vault]', 1, 2, 'unknown table "vault"'],
    ['[grant.work.lifetime]', 1, 2, 'unknown table "grant"'],
  ]
  for (const [text, line, column, message] of table)
    t.same(parseConfig(text, 'system'), { problem: { line, column, message } }, text)
  t.match(parseConfig(`policy.mode = "enforce"\n${head('deny')}`, 'system'), {
    config: { mode: 'enforce', rules: [{ name: 'r' }] },
  })
})

t.test('there are only so many rules', async (t) => {
  const rules = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `r${i}`, effect: 'deny' }))
  t.ok('rules' in readRules(rules(MAX_RULES), 'user'))
  t.same(readRules(rules(MAX_RULES + 1), 'user'), {
    problem: { path: ['rule', 256], message: 'more than 256 rules' },
  })
})
