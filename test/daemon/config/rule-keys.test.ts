import t from 'tap'
import { RULE_KEYS } from '../../../daemon/config/rule-keys.ts'

type Key = keyof typeof RULE_KEYS

const GOOD: Readonly<Record<Key, readonly (readonly [unknown, unknown])[]>> = {
  name: [
    ['a', 'a'],
    ['ci may read', 'ci may read'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['built-in too', 'built-in too'],
  ],
  effect: [['limit', 'limit']],
  executable_sha256: [['Ab'.repeat(32), ['ab'.repeat(32)]]],
  executable: [
    ['/a', ['/a']],
    ['/opt/my tools/ä', ['/opt/my tools/ä']],
  ],
  unit: [
    ['a.service', ['a.service']],
    ['app-gnome\\x2dterm@1:2.scope', ['app-gnome\\x2dterm@1:2.scope']],
  ],
  capability: [['ci', ['ci']]],
  gid: [
    [
      [0, 4_294_967_294],
      [0, 4_294_967_294],
    ],
  ],
  class: [['unidentified', ['unidentified']]],
  listener: [['capability', ['capability']]],
  grant: [['a.b-c', ['a.b-c']]],
  audience: [['urn:x', ['urn:x']]],
  scope: [['https://x.example/a.b', ['https://x.example/a.b']]],
  hours: [
    ['00:00-24:00', { from: 0, to: 1440 }],
    ['22:30-06:05', { from: 1350, to: 365 }],
    ['23:59-00:00', { from: 1439, to: 0 }],
  ],
  days: [
    [
      ['mon', 'sun'],
      ['mon', 'sun'],
    ],
  ],
  max_scope: [
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  ],
  max_lifetime: [
    ['60s', 60],
    ['1d', 86_400],
  ],
  consent: [
    ['never', 'never'],
    ['once', 'once'],
    ['always', 'always'],
    ['10s', { seconds: 10 }],
    ['1d', { seconds: 86_400 }],
  ],
  rate: [
    ['1/1s', { tokens: 1, seconds: 1 }],
    ['100000/1d', { tokens: 100_000, seconds: 86_400 }],
  ],
  offline: [[false, false]],
  break_glass: [[true, true]],
}

const BAD: Readonly<Record<Key, readonly unknown[]>> = {
  name: ['', ' a', 'a ', 'x'.repeat(65), 'ä', 'a\nb', 'built-in', 'system:x', 1],
  effect: ['permit', 'ALLOW', true],
  executable_sha256: ['ab', 'g'.repeat(64), 'a'.repeat(65), []],
  executable: [
    'git',
    './git',
    '',
    '/',
    '/a\n',
    `/${'x'.repeat(4_096)}`,
    '/\u0085',
    // no kernel writes these: a rule that denies such a program would deny nobody
    '/usr//bin/git',
    '//bin/git',
    '/usr/bin/git/',
    '/usr/./bin/git',
    '/usr/bin/../bin/git',
    '/..',
    '/.',
    '/usr/bin/..',
  ],
  unit: ['backup', 'a.slice', 'a/b.service', '.service', 'a b.service', `${'x'.repeat(248)}.scope`],
  capability: ['', 'a/b', '-a'],
  gid: [-1, 1.5, '1000', 4_294_967_295],
  class: ['admin', 'LOCAL'],
  listener: ['admin', 'agent'],
  grant: ['a b', ''],
  audience: ['api', 'https://x#y'],
  scope: ['a b', '', 'a"b', 'ä', 'x'.repeat(257)],
  hours: [
    '8-18',
    '08:00',
    '24:00-08:00',
    '08:00-08:00',
    '08:60-09:00',
    '08:00-25:00',
    8,
    '08:00-18:00 ',
  ],
  days: ['monday', 'Mon', []],
  max_scope: [[], 'a b'],
  max_lifetime: ['59s', '25h', 300],
  consent: ['9s', '25h', 'yes', true, 60],
  rate: ['0/1m', '100001/1d', '1/25h', '30', '30/m', '30/1m ', '30 / 1m', 30],
  offline: ['true', 1],
  break_glass: ['true', 0],
}

t.test('every key takes what it should, and nothing else', async (t) => {
  for (const key of Object.keys(RULE_KEYS) as Key[]) {
    const kind = RULE_KEYS[key]
    for (const [value, read] of GOOD[key])
      t.same(kind.read(value), read, `${key} ${JSON.stringify(value)}`)
    for (const value of [...BAD[key], null, {}])
      t.equal(kind.read(value), undefined, `${key} ${JSON.stringify(value)}`)
    t.match(kind.wish, /^[a-z0-9"]/)
  }
})
