import type { GrantDetail, LoginView } from '@grantd/client/protocol'
import type { LeftLogin } from '../login-report.ts'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'
import { countDown } from './duration.ts'
import type { Paint } from './style.ts'

/** How the screen of a pending login is drawn. */
export interface ScreenOptions {
  readonly paint: Paint
  /** True when a browser has been sent to the address. */
  readonly isOpened: boolean
  /** Lines of a QR code, or empty. */
  readonly qr: string
}

/** What a person reads while a login is pending. */
export function loginScreen(view: LoginView, options: ScreenOptions): string {
  const { authorization_uri, verification_uri } = view
  return [
    ...(authorization_uri === undefined ? [] : browserPart(authorization_uri, options)),
    ...(verification_uri === undefined ? [] : devicePart(view, verification_uri, options)),
    ...(view.notice === undefined ? [] : [`note: ${printable(view.notice)}`, '']),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function browserPart(address: string, { isOpened }: ScreenOptions): string[] {
  return [
    '',
    isOpened
      ? '  your browser was sent to this address; if it does not show up, open it yourself:'
      : '  open this address in a browser on this machine:',
    `      ${printable(address)}`,
    '',
  ]
}

function devicePart(view: LoginView, address: string, { paint, qr }: ScreenOptions): string[] {
  return [
    '',
    '  open this address, on any device:',
    `      ${printable(address)}`,
    '  and enter this code:',
    `      ${paint('bold', printable(view.user_code ?? ''))}`,
    '',
    '  compare the code with the one the page shows, and enter it only if you started this login',
    '  yourself: whoever else asks you to enter a code wants your access',
    '',
    ...(qr === '' ? [] : ['  or scan this; compare the code all the same:', qr]),
  ]
}

/** The line that counts down; rewritten each second on a terminal. */
export function waitingLine(secondsLeft: number): string {
  return `waiting for the login, ${countDown(secondsLeft)} left`
}

/** Scopes that steer the login itself: no audience's token ever has them, so their absence says nothing. */
const LOGIN_SCOPES: ReadonlySet<string> = new Set(['openid', 'offline_access'])

/** What a completed login gave, and of what was asked for it did not. */
export function outcomeText(grant: GrantDetail, asked: string | undefined): string {
  const granted = new Set(Object.values(grant.scopes).flatMap((scope) => scope.split(' ')))
  const refused = (asked ?? '')
    .split(' ')
    .filter((scope) => scope !== '' && !granted.has(scope) && !LOGIN_SCOPES.has(scope))
  const rows = [
    ...Object.entries(grant.scopes).map(([audience, scope]) => [
      'granted',
      audience === '' ? scope || '(no scopes)' : `${scope || '(no scopes)'} for ${audience}`,
    ]),
    ...(refused.length === 0 ? [] : [['not granted', refused.join(' ')]]),
  ]
  const title = `logged in: "${printable(grant.grant)}" at ${printable(grant.issuer)}`
  return [
    title,
    ...columns(
      rows.map((row) => row.map(printable)),
      '  ',
    ),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

/** What an interrupted command leaves behind. */
export function leftText(left: LeftLogin): string {
  if (left.kind === 'detached') return 'interrupted; the login goes on without this terminal'
  if (left.kind === 'stays') {
    return `interrupted; the login could not be cancelled: ${printable(left.detail)}`
  }
  if (left.view.state !== 'complete') return 'interrupted; the login is cancelled'
  return `interrupted too late: logged in; to end it: grantd revoke ${printable(left.view.grant)}`
}
