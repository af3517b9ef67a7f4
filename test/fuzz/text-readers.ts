import { GrantdError } from '@grantd/client/protocol'
import { parseJson } from '../../daemon/api/parse-json.ts'
import { parseConfig } from '../../daemon/config/parse-config.ts'
import { AssuanReplies, MAX_ASSUAN_LINE } from '../../daemon/consent/assuan-reply.ts'
import { parseOwner } from '../../daemon/peer/parse-owner.ts'
import { parseUnit } from '../../daemon/peer/parse-proc-cgroup.ts'
import { parseProcStat } from '../../daemon/peer/parse-proc-stat.ts'
import { parseNsPid } from '../../daemon/peer/parse-proc-status.ts'
import { claim, unlessRefused } from './claim.ts'
import type { Reader } from './reader.ts'

const CONFIG = `[log]
level = "info"
[vault]
sealing_key = "auto"
auto_lock = "15m"
[consent]
pinentry = "/usr/bin/pinentry-curses" # who asks
[lifetime]
session_age = "30d"
access_token = "10m"
[grant.work.lifetime]
session_age = "12h"
[policy]
mode = "enforce"
[[rule]]
name = "git by day"
effect = "allow"
executable = ["/usr/bin/git", '/usr/bin/gh']
executable_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
unit = ["backup.service", "vte-spawn.scope"]
gid = 1000
class = "local"
scope = ["repo:read", "repo:write"]
hours = "08:00-18:00"
days = ["mon", "tue"]
max_lifetime = "5m"
consent = "15m"
rate = "30/1m"
offline = false
`

const RULES = `[[rule]]
name = """no
containers"""
effect = "deny"
class = "container"
[[rule]]
name = "short"
effect = "limit"
max_scope = "repo:read"
`

const STAT =
  '4242 (a) b) S 4000 4242 4000 34819 4242 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 10 11 93893544996864 93893545016745 140734908661248 0 0 0\n'

const STATUS =
  'Name:\tgit\nUmask:\t0022\nTgid:\t42\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t100\t100\t100\nNSpid:\t4242\t17\nThreads:\t1\n'

const CGROUPS = [
  '0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-git.scope\n',
  '12:pids:/x\n0::/system.slice/backup.service/child\n',
]

/** Readers of text that programs, files and the kernel give. */
export const TEXT_READERS: readonly Reader[] = [
  {
    name: 'config',
    seeds: [CONFIG, RULES, '\ufeff', ''].map((text) => Buffer.from(text)),
    words: [
      '[[rule]]\n',
      '[rule]\n',
      '[grant."a.b".lifetime]\n',
      '__proto__',
      'constructor.x = 1\n',
      '"""',
      "'''",
      '\\u0000',
      '\\U0010ffff',
      '1979-05-27T07:32:00Z',
      'inf',
      '0b1',
      '{a = {b = [[1]]}}',
      'effect = "allow"\n',
      '\u202e',
    ],
    check: checkConfig,
  },
  {
    name: 'proc',
    seeds: [STAT, STATUS, ...CGROUPS].map((text) => Buffer.from(text)),
    words: [') S 1 ', '(', '\n0::/', 'NSpid:\t', 'Uid:\t', '.slice/', 'user@1.service', '\\x2d'],
    check: checkProc,
  },
  {
    name: 'assuan',
    seeds: [
      'OK Pleased to meet you\nS PINENTRY_LAUNCHED 1 curses\nD a%25b\nEND\nOK\n',
      'ERR 83886179 Operation cancelled <Pinentry>\r\n# a comment\nD allow\nOK closing\n',
    ].map((text) => Buffer.from(text)),
    words: ['OK', 'ERR ', 'D ', '%0A', '%', '\r\n', 'INQUIRE x\n', 'S ', '#', '9999999999 '],
    check: checkAssuan,
  },
  {
    name: 'json',
    seeds: [
      '{"grant":"work","scope":"repo:read","audience":"https://api.example","min_ttl":60}',
      '{"a":{"a":[{"b":1,"c":[1.5e3,null,true,"\\ud83d\\ude00\\""]}]},"b":"{\\"a\\":1}"}',
    ].map((text) => Buffer.from(text)),
    words: ['"a":', '\\u0061', '\\', '{', '[', '"__proto__":1,', '\ud83d', '-0', ',', '"":'],
    check: checkJson,
  },
]

function checkConfig(input: Buffer): void {
  const text = input.toString('utf8')
  for (const level of ['user', 'system'] as const) {
    const read = parseConfig(text, level)
    if ('config' in read) {
      claim(Array.isArray(read.config.rules), 'a config without rules')
      continue
    }
    const { line, column, message } = read.problem
    claim(line >= 1 && line <= text.split('\n').length, `a problem in a line that is not there`)
    claim(Number.isInteger(column) && column >= 1, 'a problem in no column')
    claim(/^[\x20-\x7e]{1,203}$/.test(message), 'a message that is not one printable line')
  }
}

function checkProc(input: Buffer): void {
  const text = input.toString('latin1')
  const stat = parseProcStat(text)
  if (stat !== undefined) {
    claim(/^\d+ \d+ \d+$/.test(stat.image), 'an image that is no three numbers')
    claim(stat.terminal >= 0 && stat.parentPid >= 0, 'a number below zero')
  }
  const unit = parseUnit(text)
  claim(unit === undefined || /^[\w:.\\@-]{1,255}$/.test(unit), 'a unit with another character')
  const ids = [parseNsPid(text), parseOwner(text)?.uid, parseOwner(text)?.gid]
  for (const id of ids) claim(id === undefined || Number.isInteger(id), 'an id that is no number')
}

function checkAssuan(input: Buffer): void {
  const whole = new AssuanReplies().read(input)
  const replies = new AssuanReplies()
  const parts = []
  // however the bytes come: they mean the same
  for (let at = 0; at < input.length; ) {
    const size = 1 + ((input[at] ?? 0) % (input.length > 2_000 ? 500 : 7))
    parts.push(...replies.read(input.subarray(at, at + size)))
    at += size
  }
  claim(JSON.stringify(parts) === JSON.stringify(whole), 'parts mean something else than the whole')
  for (const reply of whole)
    claim(
      reply.kind !== 'data' || reply.bytes.length <= MAX_ASSUAN_LINE,
      'more data than a line holds',
    )
}

function checkJson(input: Buffer): void {
  const value = unlessRefused(GrantdError, () => parseJson(input))
  if (value === undefined) return
  const again = JSON.stringify(value)
  claim(JSON.stringify(parseJson(Buffer.from(again))) === again, 'it reads its own words otherwise')
}
