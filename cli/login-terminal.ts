import type { LoginRequest, LoginView } from '@grantd/client/protocol'
import { openableAddress, openBrowser } from './browser.ts'
import { confirm } from './confirm.ts'
import type { LoginReport } from './login-report.ts'
import { printable } from './printable.ts'
import { leftText, loginScreen, outcomeText } from './text/login-screen.ts'
import { type Paint, paintFor } from './text/style.ts'
import { waitingLineOn } from './waiting-line.ts'
import type { World } from './world.ts'

/** What a person allowed. */
export interface TerminalOptions {
  readonly request: LoginRequest
  /** True when a person sits at stdin and stderr. */
  readonly isTerminal: boolean
  readonly mayOpenBrowser: boolean
  readonly mayDrawQr: boolean
}

/** A login for a person, all of it on stderr. */
export function loginTerminal(world: World, options: TerminalOptions): LoginReport {
  const { stderr } = world
  const { request } = options
  const waiting = waitingLineOn(world)
  const say = (text: string): void => stderr.write(`grantd: ${text}\n`)

  return {
    async joins(login, signal) {
      const pending = `a login for "${printable(login.grant)}" is already pending`
      if (!options.isTerminal) {
        say(`${pending}: joining it`)
        return true
      }
      return confirm(world.stdin, stderr, `grantd: ${pending}; join it?`, signal)
    },
    async started(login) {
      if (!login.joined) say(`login "${request.grant}" at ${printable(whereOf(request))}`)
      stderr.write(await screen(world, options, login))
      waiting.show(login.expires_in)
    },
    progress: (login) => waiting.show(login.expires_in),
    ended(login) {
      waiting.clear()
      if (login.result !== undefined) stderr.write(outcomeText(login.result, request.scope))
      if (login.notice !== undefined) stderr.write(`note: ${printable(login.notice)}\n`)
    },
    interrupted(left) {
      waiting.clear()
      say(leftText(left))
    },
    end: () => waiting.clear(),
  }
}

async function screen(world: World, options: TerminalOptions, login: LoginView): Promise<string> {
  const paint = paintFor(world.env, world.stderr)
  const isOpened = options.mayOpenBrowser && (await openBrowser(world, login.authorization_uri))
  return loginScreen(login, { paint, isOpened, qr: await qrOf(world, options, login, paint) })
}

/** Drawn only where a person looks, and only of an address a browser may open. */
async function qrOf(
  world: World,
  options: TerminalOptions,
  login: LoginView,
  paint: Paint,
): Promise<string> {
  const address = openableAddress(login.verification_uri_complete)
  if (address === undefined || !options.mayDrawQr || !world.stderr.isTTY) return ''
  const { qrCode } = await import('./text/qr-code.ts')
  return qrCode(address, paint)
}

function whereOf({ issuer, preset }: LoginRequest): string {
  return issuer ?? `the issuer of preset "${preset ?? ''}"`
}
