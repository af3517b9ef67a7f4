import t from 'tap'
import { leftText, loginScreen, outcomeText, waitingLine } from '../../../cli/text/login-screen.ts'
import { colour, plain } from '../../../cli/text/style.ts'
import { DEVICE_LOGIN, GRANT } from '../../fakes/cli-answers.ts'

t.test('the device flow: address, code, the warning', async (t) => {
  const options = { paint: plain, isOpened: false, qr: '' }
  t.equal(
    loginScreen(DEVICE_LOGIN, options),
    `
  open this address, on any device:
      https://as.example/device
  and enter this code:
      WDJB-MJHT

  compare the code with the one the page shows, and enter it only if you started this login
  yourself: whoever else asks you to enter a code wants your access

`,
  )
  t.match(
    loginScreen(DEVICE_LOGIN, { ...options, qr: '  █▀█\n' }),
    /wants your access\n\n {2}or scan this; compare the code all the same:\n {2}█▀█\n\n$/,
  )
  t.match(loginScreen(DEVICE_LOGIN, { ...options, paint: colour }), '\x1b[1mWDJB-MJHT\x1b[0m')
})

t.test('the browser flow: the address always, and a notice', async (t) => {
  const login = {
    id: DEVICE_LOGIN.id,
    grant: 'work',
    flow: 'browser',
    state: 'pending',
    joined: false,
    authorization_uri: 'https://as.example/authorize?client_id=cli',
    expires_in: 600,
    notice: 'nothing is kept on disk',
  } as const
  t.equal(
    loginScreen(login, { paint: plain, isOpened: false, qr: '' }),
    `
  open this address in a browser on this machine:
      https://as.example/authorize?client_id=cli

note: nothing is kept on disk

`,
  )
  t.match(
    loginScreen(login, { paint: plain, isOpened: true, qr: '' }),
    /your browser was sent to this address/,
  )
})

t.test('an issuer cannot draw on the terminal', async (t) => {
  const evil = {
    ...DEVICE_LOGIN,
    verification_uri: 'https://as.example/\x1b[2J',
    user_code: 'AB\u{202e}CD',
    notice: '\x07',
  }
  const text = loginScreen(evil, { paint: plain, isOpened: false, qr: '' })
  for (const character of ['\x1b', '\x07', '\u{202e}']) t.notOk(text.includes(character))
})

t.test('a device login without a code shows none', async (t) => {
  const { user_code: _, ...codeless } = DEVICE_LOGIN
  t.match(loginScreen(codeless, { paint: plain, isOpened: false, qr: '' }), /this code:\n {6}\n/)
})

t.test('the count down', async (t) => {
  t.equal(waitingLine(599), 'waiting for the login, 9:59 left')
})

t.test('what was granted, and what was not', async (t) => {
  t.equal(
    outcomeText(GRANT, 'repo:read admin openid'),
    `logged in: "work" at https://as.example
  granted      openid
  granted      repo:read repo:write for https://api.example
  not granted  admin
`,
  )
  t.equal(
    outcomeText({ ...GRANT, scopes: { '': '', 'https://a.example': '' } }, undefined),
    `logged in: "work" at https://as.example
  granted  (no scopes)
  granted  (no scopes) for https://a.example
`,
  )
})

t.test('the scopes of the login itself are not told as refused', async (t) => {
  const grant = { ...GRANT, scopes: { 'https://api.example': 'repo:read' } }
  const granted = `logged in: "work" at https://as.example
  granted  repo:read for https://api.example
`
  t.equal(outcomeText(grant, 'openid offline_access repo:read'), granted)
  t.match(outcomeText(grant, 'openid offline_access admin'), /^ {2}not granted {2}admin$/m)
})

t.test('what an interrupted command leaves behind', async (t) => {
  const view = { ...DEVICE_LOGIN, state: 'cancelled' as const }
  const done = { ...DEVICE_LOGIN, state: 'complete' as const }
  t.match(leftText({ kind: 'detached' }), 'goes on without this terminal')
  t.match(leftText({ kind: 'stays', detail: 'no daemon' }), 'could not be cancelled: no daemon')
  t.match(leftText({ kind: 'cancelled', view }), 'the login is cancelled')
  t.match(leftText({ kind: 'cancelled', view: done }), 'grantd revoke work')
})
