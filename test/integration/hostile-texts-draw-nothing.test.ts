import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { assuanScript, promptProgram } from '../fakes/prompt-programs.ts'
import { needs } from '../needs.ts'
import { startWorld, type World } from './world.ts'

/** What draws, hides, turns around, ends a line or a text, or is just too much. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a line feed': 'a\nSETOK Yes',
  'a carriage return': 'a\rb',
  'a NUL': 'a\0b',
  'an escape sequence': 'a\x1b[2Jb',
  'a C1 escape sequence': 'a\x9b2Jb',
  'a right-to-left override': 'a\u202eb',
  'a right-to-left isolate': 'a\u2067b',
  'something of no width': 'a\u200bb',
  'a line separator': 'a\u2028b',
  'half a character': 'a\ud800b',
  'a megabyte': 'x'.repeat(1_048_576),
}

/** Nothing of it may be anywhere but in a text that somebody else gets as he wrote it. */
const DRAWS = /[^\x20-\x7e\n]/

/** A file name can hold all but a slash and a NUL. */
const PROGRAM = 'git\nSETOK Yes\r\x1b[2J\u202e\u2067 "\\%0A\x9b2J'

/** What stands in the place of what cannot be shown is no harm. */
const plain = (text: string): string => text.replaceAll('\u{FFFD}', '?')

/** A yes, to whatever is asked. */
const YES = 'echo OK'

/** Sends $REQUEST to the socket its argument names, and prints what comes. */
const ASK = `
  use Socket;
  socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die $!;
  connect($s, pack_sockaddr_un($ARGV[0])) or die $!;
  syswrite $s, $ENV{REQUEST};
  print while <$s>;
`

function post(path: string, body: string, head = 'Host: grantd\r\nGrantd-Client: t/1\r\n'): Buffer {
  const bytes = Buffer.from(body)
  const length = `Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n`
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${head}${length}Connection: close\r\n\r\n`),
    bytes,
  ])
}

async function answerTo(path: string, bytes: Buffer): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(path, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
    socket.on('error', () => undefined) // without an answer the text says so
    socket.once('close', () => resolve(text))
  })
}

/** Every place in which a caller can say something. */
function placesFor(text: string): readonly (readonly ['broker' | 'admin', string, object])[] {
  const login = { grant: 'w', issuer: 'https://issuer.example', client_id: 'c', flow: 'device' }
  const explain = { grant: 'work', class: 'local' }
  const capability = { name: 'ci', grant: 'work', scope: 'repo:read' }
  return [
    ...['grant', 'scope', 'audience', 'purpose', 'issuer', 'rejected', text].map(
      (name) => ['broker', '/v1/token', { grant: 'work', [name]: text }] as const,
    ),
    ...['grant', 'issuer', 'client_id', 'scope'].map(
      (name) => ['admin', '/v1/logins', { ...login, [name]: text }] as const,
    ),
    ...['grant', 'scope', 'audience', 'unit', 'capability'].map(
      (name) => ['admin', '/v1/policy/explain', { ...explain, [name]: text }] as const,
    ),
    ...['name', 'scope', 'audience', 'path'].map(
      (name) => ['admin', '/v1/capabilities', { ...capability, [name]: text }] as const,
    ),
    ['admin', '/v1/break-glass', { grant: 'work', seconds: 60, reason: text }],
  ]
}

/** Lines of the audit log and of the daemon's own, since they were looked at last. */
function watchLogs(world: World): (t: Test, what: string) => void {
  let [recorded, logged] = [world.auditLog().length, world.output().length]
  return (t, what) => {
    const records = world.auditLog().slice(recorded)
    const lines = world.output().slice(logged)
    recorded += records.length
    logged += lines.length
    for (const [name, text] of Object.entries({ records, lines })) {
      t.notMatch(text, DRAWS, `${what}: ${name}`)
      for (const line of text.split('\n').slice(0, -1)) {
        t.doesNotThrow(() => JSON.parse(line), `${what}: each of the ${name} is one`)
        t.ok(line.length <= 16_384, `${what}: none of the ${name} is long`)
      }
    }
  }
}

t.test('no text of a caller is more than a text, wherever it is said', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const look = watchLogs(world)
  for (const [what, text] of Object.entries(HOSTILE)) {
    for (const [role, path, body] of placesFor(text)) {
      const said = await answerTo(world.sockets[role], post(path, JSON.stringify(body)))
      // whoever is still sending when it is refused may never read why
      const isCutOff = said === '' && text.length > 65_536
      t.ok(isCutOff || /^HTTP\/1\.1 4\d\d /.test(said), `${what} in ${path} is refused`)
      t.notMatch(said.replaceAll('\r\n', '\n'), DRAWS, `${what} in ${path} does not come back`)
      t.ok(said.length < 4_096, `${what} in ${path}: the answer is short`)
    }
    for (const head of [
      `Host: grantd\r\nGrantd-Client: ${text}/1\r\n`,
      `Host: ${text}\r\nGrantd-Client: t/1\r\n`,
    ]) {
      const said = await answerTo(world.sockets.broker, post('/v1/token', '{"grant":"work"}', head))
      t.notMatch(said, /^HTTP\/1\.1 2/, `${what} in a header`)
      t.notMatch(said.replaceAll('\r\n', '\n'), DRAWS, `${what} in a header does not come back`)
    }
    const name = encodeURIComponent(text.slice(0, 4_000).replace('\ud800', '?'))
    const { status, text: said } = await world.ask('admin', 'GET', `/v1/grants/${name}`)
    t.ok(status >= 400 && status < 500, `${what} in a path`)
    t.notMatch(said, DRAWS, `${what} in a path does not come back`)
    look(t, what)
  }
  t.match(await world.token({ grant: 'work' }), { status: 200 })
})

t.test('no name of a program draws on a prompt or in a log', needs('perl', 'sh'), async (t) => {
  const prompt = promptProgram(t, assuanScript(YES))
  const world = await startWorld({
    config: `[vault]\nsealing_key = "memory"\n[consent]\npinentry = "${prompt.path}"
[[rule]]\nname = "ask"\neffect = "allow"\nconsent = "always"\n`,
  })
  t.teardown(() => world.close())
  await world.login()
  const look = watchLogs(world)
  const program = join(world.directory, PROGRAM)
  const shell = join(world.directory, `sh ${PROGRAM}`)
  for (const [name, copy] of [
    ['perl', program],
    ['sh', shell],
  ] as const)
    copyFileSync(
      execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
      copy,
    )
  const child = spawn(shell, ['-c', '"$0" -e "$ASK" "$SOCKET"; true', program], {
    env: {
      ASK,
      SOCKET: world.sockets.broker,
      REQUEST: post('/v1/token', '{"grant":"work","purpose":"%0ASETOK Yes"}').toString(),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  await once(child, 'close')
  t.match(said, /^HTTP\/1\.1 200 /, 'the person said yes')
  const heard = prompt.heard()
  for (const line of heard) {
    t.notMatch(line, DRAWS)
    t.ok(line.length <= 1_000, 'as long as a pinentry takes')
    t.match(line, /^(GETINFO|OPTION|SET[A-Z]+|CONFIRM|BYE|NOP|RESET|CANCEL|[A-Z]+)\b/)
  }
  const desc = heard.find((line) => line.startsWith('SETDESC ')) ?? ''
  t.match(desc, 'git\\u{a}SETOK', 'it is there, and can be read')
  t.match(desc, 'Started by:', 'and so is who started it')
  t.same(
    heard.filter((line) => line.startsWith('SETOK') && !line.includes('Allow')),
    [],
    'no button of theirs',
  )
  look(t, 'a program')
  const { stdout, stderr } = await world.run(['audit', 'query', '--event', 'consent'])
  t.match(stdout, 'SETOK', 'the person reads of it')
  t.notMatch(plain(stdout + stderr), DRAWS)
})

t.test('no text of an issuer gets to a caller, a header or a line', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const look = watchLogs(world)
  const answers: Readonly<Record<string, (text: string) => object>> = {
    'an error': (text) => ({ error: text }),
    'a description': (text) => ({ error: 'invalid_request', error_description: text }),
    'a token': (text) => ({ access_token: text, token_type: 'Bearer', expires_in: 300 }),
    'a type': (text) => ({ access_token: 'a', token_type: text, expires_in: 300 }),
  }
  for (const [where, answer] of Object.entries(answers))
    for (const what of ['a line feed', 'an escape sequence', 'a right-to-left override']) {
      const grant = `g${world.auditLog().length}`
      await world.login({ grant })
      const body = JSON.stringify(answer(HOSTILE[what] ?? ''))
      world.issuer.proxy.next({
        kind: 'answer',
        answer: () => ({ status: where === 'an error' ? 400 : 200, headers: JSON_TYPE, body }),
      })
      const plain = { accept: 'text/plain' }
      const said = await world.ask('broker', 'POST', '/v1/token', {
        body: { grant },
        headers: plain,
      })
      t.ok(said.status >= 400, `${what} in ${where} is no token`)
      t.notMatch(said.text, DRAWS, `${what} in ${where} goes no further`)
      world.issuer.proxy.heal()
    }
  look(t, 'an issuer')
})

const JSON_TYPE = { 'content-type': 'application/json' }

t.test('no argument draws on the terminal it is refused on', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { 'a NUL': _, 'a megabyte': __, ...sayable } = HOSTILE
  const text = Object.values(sayable).join('')
  const runs = {
    token: ['token', text],
    show: ['show', text],
    'no command': [text],
    reason: ['break-glass', 'work', '--reason', text, '--for', '1m'],
    file: ['policy', 'check', text],
    event: ['audit', 'query', '--event', text],
  }
  for (const [what, args] of Object.entries(runs)) {
    const { status, stdout, stderr } = await world.run(args)
    t.not(status, 0, what)
    t.equal(stdout, '', what)
    t.notMatch(plain(stderr), DRAWS, `${what}: it is told in plain lines`)
  }
})
