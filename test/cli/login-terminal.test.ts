import type { LoginView } from '@grantd/client/protocol'
import t from 'tap'
import { loginTerminal, type TerminalOptions } from '../../cli/login-terminal.ts'
import { DEVICE_LOGIN, GRANT } from '../fakes/cli-answers.ts'
import { FakeWorld, type FakeWorldOptions } from '../fakes/cli-world.ts'

const signal = new AbortController().signal

const REQUEST = {
  grant: 'work',
  issuer: 'https://as.example',
  client_id: 'cli',
  flow: 'device',
  scope: 'repo:read admin',
} as const

const BROWSER_LOGIN: LoginView = {
  id: DEVICE_LOGIN.id,
  grant: 'work',
  flow: 'browser',
  state: 'pending',
  joined: false,
  authorization_uri: 'https://as.example/authorize?x=1',
  expires_in: 600,
}

function terminal(world: FakeWorldOptions, options: Partial<TerminalOptions> = {}) {
  const fake = new FakeWorld(world)
  const isTerminal = world.isTerminal ?? false
  const allowed = { request: REQUEST, isTerminal, mayOpenBrowser: true, mayDrawQr: true }
  return { world: fake, report: loginTerminal(fake, { ...allowed, ...options }) }
}

t.test('without a terminal: no browser by itself, no QR code, no question', async (t) => {
  const { world, report } = terminal({}, { mayOpenBrowser: false })
  t.equal(await report.joins(DEVICE_LOGIN, signal), true)
  await report.started(DEVICE_LOGIN)
  report.progress(DEVICE_LOGIN)
  report.ended({ ...DEVICE_LOGIN, state: 'complete', result: GRANT, notice: 'in memory only' })
  report.end()
  t.equal(
    world.stderr.text,
    `grantd: a login for "work" is already pending: joining it
grantd: login "work" at https://as.example

  open this address, on any device:
      https://as.example/device
  and enter this code:
      WDJB-MJHT

  compare the code with the one the page shows, and enter it only if you started this login
  yourself: whoever else asks you to enter a code wants your access

waiting for the login, 10:00 left
logged in: "work" at https://as.example
  granted      openid
  granted      repo:read repo:write for https://api.example
  not granted  admin
note: in memory only
`,
  )
  t.same([world.started, world.stdout.text], [[], ''])
})

t.test('on a terminal: a bold code and a QR code', async (t) => {
  const { world, report } = terminal({ isTerminal: true })
  await report.started(DEVICE_LOGIN)
  report.end()
  t.match(world.stderr.text, '\x1b[1mWDJB-MJHT\x1b[0m')
  t.match(world.stderr.text, '█▀▀')
  t.equal(world.timers.ticking, 0)
})

t.test('no QR code of an address a browser may not open, nor where it is not wanted', async (t) => {
  const evil = { ...DEVICE_LOGIN, verification_uri_complete: 'tel:+1234' }
  const { verification_uri_complete: _, ...plain } = DEVICE_LOGIN
  for (const [login, mayDrawQr] of [
    [evil, true],
    [plain, true],
    [DEVICE_LOGIN, false],
  ] as const) {
    const { world, report } = terminal({ isTerminal: true }, { mayDrawQr })
    await report.started(login)
    report.end()
    t.notMatch(world.stderr.text, '▀')
  }
})

t.test('a browser is opened once where it may be, and its address printed anyway', async (t) => {
  for (const mayOpenBrowser of [true, false]) {
    const { world, report } = terminal({ isTerminal: true }, { mayOpenBrowser })
    await report.started(BROWSER_LOGIN)
    report.end()
    t.match(world.stderr.text, 'https://as.example/authorize?x=1')
    const opened = [['xdg-open', 'https://as.example/authorize?x=1']]
    t.same(world.started, mayOpenBrowser ? opened : [])
  }
})

t.test('a joined login is not called ours', async (t) => {
  const { world, report } = terminal({})
  await report.started({ ...DEVICE_LOGIN, joined: true })
  t.notMatch(world.stderr.text, 'grantd: login "work" at')
})

t.test('a person is asked before joining', async (t) => {
  for (const [stdin, joins] of [
    ['\n', true],
    ['n\n', false],
  ] as const) {
    const { world, report } = terminal({ isTerminal: true, stdin })
    t.equal(await report.joins(DEVICE_LOGIN, signal), joins)
    t.equal(world.stderr.text, 'grantd: a login for "work" is already pending; join it? [Y/n] ')
  }
})

t.test('a login that ended without a grant only takes its line away', async (t) => {
  const { world, report } = terminal({ isTerminal: true })
  await report.started(BROWSER_LOGIN)
  report.ended({ ...BROWSER_LOGIN, state: 'failed' })
  t.ok(world.stderr.text.endsWith('left\r\x1b[K'))
})

t.test('an interrupted login says what is left of it', async (t) => {
  const { world, report } = terminal({})
  report.interrupted({ kind: 'detached' })
  t.equal(world.stderr.text, 'grantd: interrupted; the login goes on without this terminal\n')
})
