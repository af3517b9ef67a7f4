import t from 'tap'
import { commandOf, isOurUnit } from '../../../cli/doctor/unit-file.ts'

const unit = (line: string): string => `[Service]\nType=notify\n${line}\nRestart=on-failure\n`

/** A line, and what it starts. */
const LINES: readonly [string, object | undefined][] = [
  [
    'ExecStart="/usr/bin/node" "--disable-sigusr1" "/opt/grantd/main.js" "serve"',
    { program: '/usr/bin/node', script: '/opt/grantd/main.js' },
  ],
  [
    'ExecStart="/a b/100%%/no$de" "/x \\"y\\"/$$HOME/%%h/\\\\n.js" "serve"',
    { program: '/a b/100%/no$de', script: '/x "y"/$HOME/%h/\\n.js' },
  ],
  ['ExecStart=/usr/local/bin/grantd serve', { program: '/usr/local/bin/grantd' }],
  ['  ExecStart = -/usr/bin/node   /m.js serve  ', { program: '/usr/bin/node', script: '/m.js' }],
  ['ExecStart=\nExecStart=/usr/bin/node /m.js', { program: '/usr/bin/node', script: '/m.js' }],
  ['ExecStart=node /m.js', undefined],
  ['ExecStart=@/usr/bin/node node /m.js', undefined],
  ['ExecStart=%h/bin/node /m.js', undefined],
  ['ExecStart=/usr/bin/node "%h/m.js"', undefined],
  ['ExecStart=/usr/bin/node $OPTIONS /m.js', undefined],
  ['ExecStart=/usr/bin/node \\\n /m.js', undefined],
  ['ExecStart="/usr/bin/node" "/m\\x20.js"', undefined],
  ['ExecStart="/usr/bin/node', undefined],
  ['ExecStart=', undefined],
  ['# ExecStart=/usr/bin/node /m.js', undefined],
  ['ExecStartPre=/usr/bin/node /m.js', undefined],
]

t.test('what a unit starts', async (t) => {
  for (const [line, command] of LINES) t.same(commandOf(unit(line)), command, line)
  t.equal(commandOf(''), undefined)
})

t.test('our units begin with a mark', async (t) => {
  const mark = '# Written by `grantd service install`; changes are lost with the next one.\n'
  t.equal(isOurUnit(mark + unit('')), true)
  t.equal(isOurUnit(unit(mark)), false)
})
