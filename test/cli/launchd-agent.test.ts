import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { AGENT_MARK, LABEL, renderAgent } from '../../cli/launchd-agent.ts'
import { needs } from '../needs.ts'

const template = readFileSync(new URL(`../../../launchd/${LABEL}.plist`, import.meta.url), 'utf8')
const program = { node: '/opt/node/bin/node', nodeOptions: ['--x'], script: '/opt/main.js' }
const RUN = '/Users/me/Library/Application Support/grantd/run'
const paths = {
  broker: `${RUN}/broker.sock`,
  admin: `${RUN}/admin.sock`,
  log: '/Users/me/Library/Logs/grantd/daemon.log',
}

/** What python3 reads, written as JSON; it writes the file anew in both formats and reads that too. */
const READ = `
import json, plistlib, sys
read = plistlib.loads(sys.stdin.buffer.read())
for fmt in (plistlib.FMT_XML, plistlib.FMT_BINARY):
    assert plistlib.loads(plistlib.dumps(read, fmt=fmt)) == read
json.dump(read, sys.stdout)`

function readBack(text: string): Readonly<Record<string, unknown>> {
  const json = execFileSync('python3', ['-c', READ], { input: text, encoding: 'utf8' })
  return JSON.parse(json) as Record<string, unknown>
}

/** Of launchd.plist(5), with their types; any other key would mean nothing. */
const KEYS: Readonly<Record<string, string>> = {
  Label: 'string',
  ProgramArguments: 'string[]',
  Sockets: 'object',
  RunAtLoad: 'boolean',
  KeepAlive: 'object',
  ThrottleInterval: 'number',
  ExitTimeOut: 'number',
  ProcessType: 'string',
  LimitLoadToSessionType: 'string',
  Umask: 'number',
  SoftResourceLimits: 'object',
  HardResourceLimits: 'object',
  EnvironmentVariables: 'object',
  StandardOutPath: 'string',
  StandardErrorPath: 'string',
}

function typeOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value
  return value.every((one) => typeof one === 'string') ? 'string[]' : 'array'
}

t.test('an agent says what launchd has to know, in its own words', needs('python3'), async (t) => {
  const agent = readBack(renderAgent(template, program, paths))
  t.same(
    Object.fromEntries(Object.entries(agent).map(([key, value]) => [key, typeOf(value)])),
    KEYS,
  )
  const socket = (path: string) => ({
    SockFamily: 'Unix',
    SockType: 'stream',
    SockPassive: true,
    SockPathName: path,
    SockPathMode: 0o600,
  })
  t.match(agent, {
    Label: LABEL,
    ProgramArguments: ['/opt/node/bin/node', '--x', '/opt/main.js', 'serve'],
    Sockets: { broker: socket(paths.broker), admin: socket(paths.admin) },
    RunAtLoad: false,
    KeepAlive: { Crashed: true },
    ExitTimeOut: 30,
    Umask: 0o077,
    SoftResourceLimits: { Core: 0 },
    HardResourceLimits: { Core: 0 },
    EnvironmentVariables: { NODE_OPTIONS: '' },
    StandardOutPath: paths.log,
    StandardErrorPath: paths.log,
  })
  t.same(Object.keys(agent['Sockets'] as object), ['broker', 'admin'], 'names the daemon asks for')
})

t.test('what a path has in it stays in it', needs('python3'), async (t) => {
  for (const odd of ['a b', '& < > ]]> &amp;', `"'$%\\`, '@LOG@ @PROGRAM@', 'ü 漢 🙂', '$& $1']) {
    const path = `/Users/${odd}/x`
    const agent = readBack(
      renderAgent(
        template,
        { node: path, nodeOptions: [], script: path },
        { broker: path, admin: path, log: path },
      ),
    )
    t.match(agent, {
      ProgramArguments: [path, path, 'serve'],
      Sockets: { broker: { SockPathName: path }, admin: { SockPathName: path } },
      StandardErrorPath: path,
    })
  }
})

t.test('an agent is known by its beginning, and nothing is left open', async (t) => {
  const text = renderAgent(template, program, paths)
  t.ok(text.startsWith(AGENT_MARK))
  t.match(AGENT_MARK, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!-- (?:(?!--).)* -->\n$/)
  t.equal(text.match(/<\?xml/g)?.length, 1)
  t.notMatch(text, /@[A-Z]+@|~/)
  // each tag that is opened is closed, and in its turn
  const open: string[] = []
  for (const [, end, name = '', isWhole] of text
    .replaceAll(/<\?.*?\?>|<!.*?>/g, '')
    .matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g))
    if (end === '/') t.equal(open.pop(), name)
    else if (isWhole === '') open.push(name)
  t.same(open, [])
})

t.test('the environment that it takes away is that of the unit of systemd', async (t) => {
  const unit = readFileSync(new URL('../../../systemd/grantd.service', import.meta.url), 'utf8')
  const [, names = ''] = /^UnsetEnvironment=(.*)$/m.exec(unit) ?? []
  const ofNode = names.split(' ').filter((name) => /^(?:NODE_|SSLKEY|OPENSSL_)/.test(name))
  t.ok(ofNode.length > 5)
  for (const name of ofNode) t.match(template, `<key>${name}</key>\n    <string></string>\n`)
})

t.test('what no agent can hold, or no socket, is refused', async (t) => {
  const long = `/Users/${'m'.repeat(103 - '/Users/'.length)}`
  renderAgent(template, program, { ...paths, broker: long })
  const table: readonly (readonly [string, Partial<typeof program & typeof paths>, RegExp])[] = [
    ['a path too long', { broker: `${long}m` }, /longer than 103 bytes/],
    ['one too long in bytes', { admin: `${long.slice(1)}ü` }, /not absolute/],
    ['one too long in bytes', { admin: `${long.slice(0, -1)}ü` }, /longer than 103 bytes/],
    ['a line', { node: '/a\nb' }, /control characters/],
    ['an escape', { log: '/a\u001bb' }, /control characters/],
    ['half a character', { script: '/a\ud800' }, /control characters/],
    ['no character', { script: '/a\uffff' }, /control characters/],
    ['a home that is not expanded', { log: '~/log' }, /"~\/log" is not absolute/],
    ['a program of the way', { node: 'node' }, /"node" is not absolute/],
  ]
  for (const [what, changes, message] of table)
    t.throws(
      () => renderAgent(template, { ...program, ...changes }, { ...paths, ...changes }),
      { name: 'TypeError', message },
      what,
    )
  t.throws(() => renderAgent('<plist/>', program, paths), { name: 'TypeError' })
})
