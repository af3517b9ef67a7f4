import fc from 'fast-check'
import { parse } from 'smol-toml'
import t from 'tap'
import { type KeyPath, locateKey } from '../../../daemon/config/locate-key.ts'

t.test('a key is found where it stands, however it is written', async (t) => {
  const table: readonly (readonly [string, KeyPath, number, number])[] = [
    ['[log]\nlevel = 1', ['log'], 1, 2],
    ['[log]\nlevel = 1', ['log', 'level'], 2, 1],
    ['  [ log ]  # log\n\t level = 1', ['log'], 1, 5],
    ['  [ log ]  # log\n\t level = 1', ['log', 'level'], 2, 3],
    ['[log]\r\n\r\nlevel = 1\r\n', ['log', 'level'], 3, 1],
    ['log.level = 1', ['log'], 1, 1],
    ['log.level = 1', ['log', 'level'], 1, 5],
    ['log . "level" = 1', ['log', 'level'], 1, 7],
    ['log = { x = 1, level = 2 }', ['log', 'level'], 1, 16],
    ['log = {\n  x = [1, { level = 1 }], # level\n  level = 2,\n}', ['log', 'level'], 3, 3],
    ['log = {}\n[vault]\nlevel = 1', ['vault', 'level'], 3, 1],
    ['["log"]\n"lev\\u0065l" = 1', ['log', 'level'], 2, 1],
    ["['log']\n'level' = 1", ['log', 'level'], 2, 1],
    ['["a.b"]\nc = 1', ['a.b', 'c'], 2, 1],
    ['[a.b]\nc = 1', ['a', 'b', 'c'], 2, 1],
    ['[[log]]\nlevel = 1', ['log'], 1, 3],
    ['# level\n[log] # level\n# level = 1\nlevel = 1', ['log', 'level'], 4, 1],
    ['a = "[log]\\" level = 1"\n[log]\nlevel = 1', ['log', 'level'], 3, 1],
    ['a = """\n[log]\nlevel = 1\\"" x"""\n[log]\nlevel = 1', ['log', 'level'], 5, 1],
    ["a = '''\n[log]\nlevel = 1\n'''\n[log]\nlevel = 1", ['log', 'level'], 6, 1],
    ['a = """x"""""\nlog = 1', ['log'], 2, 1],
    ['a = [ # ]\n  "]", [ ], # log = 1\n  3,\n]\nlog = 1', ['log'], 5, 1],
    ['a = 1979-05-27 07:32:00 # x\nlog = 1', ['log'], 2, 1],
    ['a = "ä😀"\n log = 1', ['log'], 2, 2],
    ['catalog = 1\nlog = 1', ['log'], 2, 1],
    ['log-x = 1\nx-log = 1\nlog = 1', ['log'], 3, 1],
    ['1.5 = 1\nlog = 1', ['1', '5'], 1, 3],
    ['"" = 1', [''], 1, 1],
    ['__proto__.constructor = 1', ['__proto__', 'constructor'], 1, 11],
    ['log = 1', ['vault'], 1, 1],
    ['', ['log'], 1, 1],
    ['[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 0], 1, 3],
    ['[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 0, 'b'], 2, 1],
    ['[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 1], 3, 3],
    ['[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 1, 'b'], 4, 1],
    ['[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 2, 'b'], 1, 1],
    ['[[x]]\n[[a]]\n[x.y]\n[[x]]\n[[ "a" ]]\nb = 2', ['a', 1, 'b'], 6, 1],
    ['[[a]]\n[[a]]\n[a.c]\nb = 1', ['a', 0, 'c'], 1, 1],
    ['[[a]]\n[[a]]\n[a.c]\nb = 1', ['a', 1, 'c', 'b'], 4, 1],
    ['[[a]]\n[[a.c]]\n[[a.c]]\nb = 1', ['a', 0, 'c', 1, 'b'], 4, 1],
    ['a = [{ b = 1 }, { c = 2, b = 3 }]', ['a', 1, 'b'], 1, 26],
    ['a = [{ b = 1 }, { b = 3 }]', ['a', 1], 1, 17],
    ['a = [{ b = 1 }, { b = 3 }]', ['a', 0], 1, 6],
    ['a.c = [\n  {},\n  { b = [{}, { b = 1 }] },\n]', ['a', 'c', 1, 'b', 1, 'b'], 3, 16],
  ]
  for (const [text, path, line, column] of table) {
    t.doesNotThrow(() => parse(text), text)
    t.same(locateKey(text, path), { line, column }, JSON.stringify([text, path]))
  }
})

t.test('every key of every document is found, and names itself there', async () => {
  const bare = fc.constantFrom('log', 'level', 'a', 'b-c', '1')
  const key = fc.oneof(bare, fc.constantFrom('"log"', "'level'", '"a\\tb"', '"#"', '"]"', "'='"))
  const leaf = fc.constantFrom(
    '1',
    '"x # log = 1"',
    "'log'",
    '"""\nlog = 1\n"""',
    "''''x'''",
    'true',
    '1979-05-27 07:32:00',
  )
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }).map((all) => `[ ${all.join(' ,\n # log\n')} ]`),
      fc
        .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 3, selector: ([name]) => name })
        .map((all) => `{ ${all.map(([name, one]) => `${name} = ${one}`).join(', ')} }`),
    ),
  }))
  const section = fc.tuple(
    key,
    fc.uniqueArray(fc.tuple(key, value), { maxLength: 4, selector: ([name]) => name }),
  )
  const blank = fc.constantFrom('\n', '\r\n', '\n# log = 1\n', '  # [log]\r\n\t')
  fc.assert(
    fc.property(
      fc.uniqueArray(section, { maxLength: 4, selector: ([name]) => name }),
      blank,
      (sections, end) => {
        const text = sections
          .map(
            ([name, all]) => `[${name}]${end}${all.map(([k, v]) => `${k} = ${v}${end}`).join('')}`,
          )
          .join('')
        let document: Record<string, unknown>
        try {
          document = parse(text)
        } catch {
          return // "log" and log are one key
        }
        for (const [table, members] of Object.entries(document))
          for (const name of Object.keys(members as object)) {
            const { line, column } = locateKey(text, [table, name])
            const rest = (text.split('\n')[line - 1] ?? '').slice(column - 1)
            const found = /^(?:[\w-]+|"[^"]*"|'[^']*')/.exec(rest)?.[0] ?? ''
            if (Object.keys(parse(`${found} = 1`))[0] !== name)
              throw new Error(`${name} is not at ${line}:${column} of ${JSON.stringify(text)}`)
          }
      },
    ),
    { numRuns: 300 },
  )
})

t.test('a text that is no document ends the walk too', async () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '=',
    '"',
    "'",
    '"""',
    ',',
    '.',
    '\n',
    '#',
    'log',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      try {
        locateKey(text, ['log'])
      } catch (error) {
        // a quoted key that is none
        if (!(error instanceof Error && error.message.startsWith('Invalid TOML'))) throw error
      }
    }),
    { numRuns: 500 },
  )
})

/** How many characters a walk reads or writes, and in how many steps. */
function workOf(walk: () => unknown): { readonly steps: number; readonly size: number } {
  const exec = Object.getOwnPropertyDescriptor(RegExp.prototype, 'exec') ?? {}
  const stringify = Object.getOwnPropertyDescriptor(JSON, 'stringify') ?? {}
  let steps = 0
  let size = 0
  const counted = <T>(result: T): T => {
    steps += 1
    size += Array.isArray(result) ? String(result[0]).length : String(result).length
    return result
  }
  // oxlint-disable-next-line eslint/no-extend-native -- for one walk, to count its steps
  Object.defineProperty(RegExp.prototype, 'exec', {
    ...exec,
    value(this: RegExp, text: string) {
      return counted(Reflect.apply(exec.value, this, [text]))
    },
  })
  Object.defineProperty(JSON, 'stringify', {
    ...stringify,
    value: (value: unknown) => counted(Reflect.apply(stringify.value, JSON, [value])),
  })
  try {
    walk()
  } finally {
    // oxlint-disable-next-line eslint/no-extend-native -- as it was
    Object.defineProperty(RegExp.prototype, 'exec', exec)
    Object.defineProperty(JSON, 'stringify', stringify)
  }
  return { steps, size }
}

t.test('a walk reads each character about once, however a document is made', async (t) => {
  const documents: Readonly<Record<string, string>> = {
    'one long dotted key': `${'a.'.repeat(2_000)}b = 1`,
    'many long headers': Array.from({ length: 20 }, (_, i) => `[${'a.'.repeat(100)}b${i}]`).join(
      '\n',
    ),
    'deep tables in one line': `a = ${'{ a = '.repeat(200)}1${' }'.repeat(200)}`,
    'many keys': Array.from({ length: 500 }, (_, i) => `"k${i}" = [1, 2]`).join('\n'),
  }
  for (const [name, text] of Object.entries(documents)) {
    parse(text)
    const { size } = workOf(() => locateKey(text, ['nowhere', 'at all']))
    t.ok(size <= 2 * text.length, `${name}: ${size} of ${text.length} characters`)
  }
})

t.test('a walk ends where the key stands', async (t) => {
  const rest = Array.from({ length: 500 }, (_, i) => `k${i} = { a = [1, 2] }`).join('\n')
  for (const [start, path] of [
    ['[log]\nlevel = 1', ['log', 'level']],
    ['log = { x = [{ y = 1 }], level = 1, z = 2 }', ['log', 'level']],
    ['log.level.deeper.still = 1', ['log', 'level']],
  ] as const) {
    const { steps } = workOf(() => locateKey(`${start}\n${rest}`, path))
    t.ok(steps < 40, `${steps} steps`)
  }
})
