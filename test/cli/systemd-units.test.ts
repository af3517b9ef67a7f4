import { readFileSync } from 'node:fs'
import t from 'tap'
import { MARK, renderUnits, UNIT_NAMES } from '../../cli/systemd-units.ts'

const templates = new Map(
  UNIT_NAMES.map((name) => [
    name,
    readFileSync(new URL(`../../../systemd/${name}`, import.meta.url), 'utf8'),
  ]),
)

t.test(
  'the program of this machine is in the service, quoted, and nothing is left open',
  async (t) => {
    const units = renderUnits(templates, {
      node: '/opt/node 20/bin/node',
      nodeOptions: ['--disable-sigusr1'],
      script: '/home/me/100% $1/main.js',
    })
    t.same([...units.keys()], [...UNIT_NAMES])
    t.match(
      units.get('grantd.service'),
      '\nExecStart="/opt/node 20/bin/node" "--disable-sigusr1" "/home/me/100%% $$1/main.js" "serve"\n',
    )
    for (const text of units.values()) {
      t.ok(text.startsWith(MARK))
      t.notMatch(text, /@[A-Z]+@/)
    }
  },
)

t.test('the sockets carry the names that the daemon knows, and stay', async (t) => {
  for (const [unit, name] of [
    ['grantd.socket', 'broker'],
    ['grantd-admin.socket', 'admin'],
  ] as const) {
    const text = templates.get(unit) ?? ''
    t.match(text, `\nFileDescriptorName=${name}\n`)
    t.match(text, `\nListenStream=%t/grantd/${name}.sock\n`)
    t.match(text, '\nSocketMode=0600\nDirectoryMode=0700\n')
    t.match(text, '\nTriggerLimitIntervalSec=0\n')
  }
  t.match(templates.get('grantd.service'), '\nStartLimitIntervalSec=0\n')
})

t.test(
  'nothing in the service makes a mount namespace, where callers could not be named',
  async (t) => {
    const mounts =
      /^(?:Private\w+|Protect\w+|Read\w+Paths|Inaccessible\w+|Bind\w+|Root\w+|TemporaryFileSystem|MemoryDenyWriteExecute)=/m
    t.notMatch(templates.get('grantd.service'), mounts)
  },
)
