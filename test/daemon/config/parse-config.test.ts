import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_CONFIG, LOG_LEVELS, parseConfig } from '../../../daemon/config/parse-config.ts'

const LEVELS = LOG_LEVELS.join(', ')

t.test('what the file says stands, and the defaults for the rest', async (t) => {
  const vault = { sealingKey: 'auto' }
  const table: readonly (readonly [string, unknown])[] = [
    ['', DEFAULT_CONFIG],
    ['# nothing\n', DEFAULT_CONFIG],
    ['[log]\n[vault]\n', DEFAULT_CONFIG],
    ['log = {}', DEFAULT_CONFIG],
    ['[log]\nlevel = "warn"', { log: { level: 'warn' }, vault }],
    ['\ufefflog.level = "warn"', { log: { level: 'warn' }, vault }],
    ["[log]\r\n'level' = '''warn'''\r\n", { log: { level: 'warn' }, vault }],
    [
      'vault = { sealing_key = "memory" }',
      { log: { level: 'info' }, vault: { sealingKey: 'memory' } },
    ],
    [
      '[vault]\nsealing_key = "keychain"\n[log]\nlevel = "trace"',
      { log: { level: 'trace' }, vault: { sealingKey: 'keychain' } },
    ],
  ]
  t.match(parseConfig('vault.auto_lock = "15m"'), { config: { vault: { autoLockSeconds: 900 } } })
  t.match(parseConfig('service.idle_exit = "1s"'), { config: { service: { idleExitSeconds: 1 } } })
  for (const [text, config] of table) {
    const whole = { ...DEFAULT_CONFIG, ...(config as object) }
    t.same(parseConfig(text), { config: whole }, JSON.stringify(text))
  }
  for (const level of LOG_LEVELS)
    t.match(parseConfig(`log.level = "${level}"`), { config: { log: { level } } })
})

t.test('what is not understood is named, with its place', async (t) => {
  const autoLock = '"auto_lock" must be a duration such as "15m", from 1m to 30d'
  const level = `"level" must be one of ${LEVELS}`
  const table: readonly (readonly [string, number, number, string])[] = [
    ['[lock]', 1, 2, 'unknown table "lock"'],
    ['\ufeff[lock]', 1, 2, 'unknown table "lock"'],
    ['# [lock]\n[log]\n[lock.x]', 3, 2, 'unknown table "lock"'],
    ['[log]\r\nlevel = "info"\r\n\r\n["lock"]\r\n', 4, 2, 'unknown table "lock"'],
    ['lock = 1', 1, 1, 'unknown table "lock"'],
    ['[[lock]]', 1, 3, 'unknown table "lock"'],
    ['[log]\nlvl = 1', 2, 1, 'unknown key "lvl" in "log"'],
    ['log.lvl = 1', 1, 5, 'unknown key "lvl" in "log"'],
    ['log = { level = "info", lvl = 1 }', 1, 25, 'unknown key "lvl" in "log"'],
    ['[log] # lvl = 1\n# lvl = 1\n  "lvl" = 1', 3, 3, 'unknown key "lvl" in "log"'],
    ['[log.level.x]', 1, 6, level],
    ['[log]\nlevel = "loud"', 2, 1, level],
    ['[log]\nlevel = "nf"', 2, 1, level],
    ['[log]\nlevel = 3', 2, 1, level],
    ['[log]\nlevel = ["info"]', 2, 1, level],
    [
      'vault.sealing_key = ""',
      1,
      7,
      '"sealing_key" must be one of auto, keychain, kernel-keyring, passphrase, credential-file, memory',
    ],
    ['vault.auto_lock = "59s"', 1, 7, autoLock],
    [
      'service.idle_exit = "0s"',
      1,
      9,
      '"idle_exit" must be a duration such as "15m", from 1s to 30d',
    ],
    ['vault.auto_lock = "31d"', 1, 7, autoLock],
    ['vault.auto_lock = 900', 1, 7, autoLock],
    ['log = "info"', 1, 1, '"log" must be a table'],
    ['log = 1979-05-27', 1, 1, '"log" must be a table'],
    ['log = []', 1, 1, '"log" must be a table'],
    ['[[log]]\nlevel = "info"', 1, 3, '"log" must be a table'],
    ['"a\\nb" = 1', 1, 1, 'unknown table "a?b"'],
    ['["\\u001b[2J"]', 1, 2, 'unknown table "?[2J"'],
  ]
  for (const [text, line, column, message] of table)
    t.same(parseConfig(text), { problem: { line, column, message } }, JSON.stringify(text))
})

t.test('limits stand for all grants, and for single ones', async (t) => {
  const text = `
[lifetime]
session_age = "30d"
access_token = "10m"
[grant.work.lifetime]
session_age = "12h"
[grant."ci.prod"]
lifetime = { idle_age = "1h" }
[grant.constructor.lifetime]
`
  t.match(parseConfig(text), {
    config: {
      lifetime: { sessionAgeSeconds: 2_592_000, accessTokenSeconds: 600 },
      grants: {
        work: { lifetime: { sessionAgeSeconds: 43_200 } },
        'ci.prod': { lifetime: { idleAgeSeconds: 3_600 } },
        constructor: { lifetime: {} },
      },
    },
  })
})

t.test('a mistake in a limit is named, with its place', async (t) => {
  const age = 'must be a duration such as "15m", from 1m to 3650d'
  const table: readonly (readonly [string, number, number, string])[] = [
    ['[lifetime]\nsession_age = "30"', 2, 1, `"session_age" ${age}`],
    ['[lifetime]\nsession_age = 30', 2, 1, `"session_age" ${age}`],
    ['[lifetime]\nidle_age = "59s"', 2, 1, `"idle_age" ${age}`],
    ['[lifetime]\nage = "1d"', 2, 1, 'unknown key "age" in "lifetime"'],
    [
      '[lifetime]\naccess_token = "2d"',
      2,
      1,
      '"access_token" must be a duration such as "15m", from 1m to 1d',
    ],
    ['[grant.work.lifetime]\nidle = "1d"', 2, 1, 'unknown key "idle" in "grant.work.lifetime"'],
    ['[grant.work]\nlifetime = "1d"', 2, 1, '"grant.work.lifetime" must be a table'],
    ['[grant.work]\nidle_age = "1d"', 2, 1, 'unknown key "idle_age" in "grant.work"'],
    ['[grant]\nwork = "1d"', 2, 1, '"grant.work" must be a table'],
    ['[grant."a b".lifetime]', 1, 8, '"a b" is no name for "grant"'],
    ['[grant.__proto__.lifetime]', 1, 8, '"__proto__" is no name for "grant"'],
  ]
  for (const [text, line, column, message] of table)
    t.same(parseConfig(text), { problem: { line, column, message } }, JSON.stringify(text))
})

t.test('names that every object has are unknown as any other', async (t) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    t.match(parseConfig(`[${name}]`), { problem: { message: `unknown table "${name}"` } })
    t.match(parseConfig(`[${name}]\nname = "x"\nlength = "y"`), {
      problem: { line: 1, column: 2, message: `unknown table "${name}"` },
    })
    for (const value of ['1', '"info"', '{}'])
      t.match(parseConfig(`[log]\n${name} = ${value}`), {
        problem: { line: 2, column: 1, message: `unknown key "${name}" in "log"` },
      })
  }
  t.equal(Reflect.get({}, 'level'), undefined, 'nothing was written into every object')
})

t.test('what is not TOML is refused where it breaks', async (t) => {
  const table: readonly (readonly [string, number, number])[] = [
    ['[log', 1, 2],
    ['\ufeff[log', 1, 2],
    ['[log]\r\nlevel = \r\n', 2, 9],
    ['[log]\nlevel = "info', 2, 9],
    ['[log]\n[log]', 2, 2],
    ['log.level = "info"\nlog.level = "warn"', 2, 1],
    [`a = ${'['.repeat(5000)}`, 1, 1005],
  ]
  for (const [text, line, column] of table)
    t.match(
      parseConfig(text),
      { problem: { line, column, message: /^Invalid TOML document: [a-z]/ } },
      JSON.stringify(text.slice(0, 40)),
    )
})

t.test('a name that nobody would write is not quoted whole', async (t) => {
  const name = 'n'.repeat(60_000)
  for (const text of [`[${name}]`, `log.${name} = 1`]) {
    const parsed = parseConfig(text)
    t.match(parsed, { problem: { message: /^unknown (?:table|key) "n+[.]{3}$/ } })
    if ('problem' in parsed) t.equal(parsed.problem.message.length, 203)
  }
})

t.test('no text at all makes it throw, and every place lies in the text', async () => {
  const piece = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('[', ']', '{', '}', '=', '.', ',', '\n', '\r\n', ' ', '#'),
    },
    fc.constantFrom(
      'log',
      'level',
      'vault',
      'sealing_key',
      '"info"',
      '"""',
      "'",
      '"',
      '\\',
      '1',
      '-',
    ),
    fc.constantFrom('__proto__', 'constructor', 'toString', '\ufeff', '\0', '1979-05-27', 'true'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('')
      const parsed = parseConfig(text)
      if ('config' in parsed) return LOG_LEVELS.includes(parsed.config.log.level)
      const { line, column, message } = parsed.problem
      const lines = text.split('\n')
      const length = lines[line - 1]?.length ?? -1
      return /^[\x20-\x7e]+$/.test(message) && line >= 1 && column >= 1 && column <= length + 1
    }),
    { numRuns: 2000 },
  )
})
