import fc from 'fast-check'
import { parse } from 'smol-toml'
import t from 'tap'
import { locateKey } from '../../../daemon/config/locate-key.ts'

t.test('a key is found where it stands, however it is written', async (t) => {
  const table: readonly (readonly [string, readonly string[], number, number])[] = [
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
