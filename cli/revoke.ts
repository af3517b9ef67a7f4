import type { RevokeAllResponse, RevokeResponse } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { confirm } from './confirm.ts'
import { exitStatus } from './exit-status.ts'
import { grantName, noMore } from './grant-name.ts'
import { interruption } from './interruption.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { reportError } from './report-error.ts'
import { ALL_QUESTION, endedText, unendedText } from './text/revoke-all-text.ts'
import { revokeText } from './text/revoke-text.ts'
import { UsageError } from './usage-error.ts'
import type { Connection, World } from './world.ts'

/** Longer than the daemon tries to reach an issuer before it queues the revocation. */
const REVOKE_TIMEOUT_MS = 60_000

export const HELP: Help = {
  usage: 'grantd revoke GRANT... [OPTION]...',
  about: [
    'Ends grants: here at once, and at the issuer now or as soon as it can be reached.',
    'Says what became of it there, and until when tokens already handed out can still work.',
    'Exit status 0 means: ended here. With --json: one line per grant.',
    '--all ends every grant and cancels pending logins; 0 means that nothing was left out.',
  ],
  example: { line: 'grantd revoke work', text: 'log out of "work"' },
}

export const OPTIONS = {
  all: { type: 'boolean', text: 'every grant there is, in place of names' },
  yes: { type: 'boolean', text: 'with --all: do not ask' },
  json: JSON_OPTION,
} as const

/** `grantd revoke` and `grantd logout`: one that fails does not keep the others alive. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const asJson = values.json === true
  if (values.all === true) {
    noMore(positionals, 0)
    return await runAll(world, values.yes === true, asJson)
  }
  if (values.yes === true) throw new UsageError('--yes goes with --all')
  const [first, ...others] = positionals
  const names = [grantName(first), ...others.map(grantName)]
  const admin = world.connect('admin')
  let exit = 0
  for (const name of new Set(names)) {
    try {
      const revoked = await revoke(admin, name)
      world.stdout.write(asJson ? jsonLine(revoked) : revokeText(revoked, world.timers))
    } catch (error) {
      world.stderr.write(reportError(error, HELP.usage, asJson))
      exit ||= exitStatus(error)
    }
  }
  return exit
}

async function runAll(world: World, isAgreed: boolean, asJson: boolean): Promise<number> {
  const agreed = isAgreed || (await agrees(world))
  if (typeof agreed === 'number') return agreed
  if (!agreed) return 1
  const ended = answer<RevokeAllResponse>(
    await world
      .connect('admin')
      .request({ method: 'POST', path: '/v1/revoke-all', timeoutMs: REVOKE_TIMEOUT_MS }),
    'grants',
    'failed',
    'broken',
    'cancelled_logins',
  )
  world.stdout.write(asJson ? jsonLine(ended) : endedText(ended, world.timers))
  if (!asJson) world.stderr.write(unendedText(ended))
  return ended.failed.length + ended.broken.length === 0 ? 0 : 1
}

/** @returns The exit status when a signal ended the question. */
async function agrees(world: World): Promise<boolean | number> {
  if (world.stdin.isTTY !== true || !world.stderr.isTTY)
    throw new UsageError('--all needs --yes where there is no terminal to ask at')
  const interrupted = interruption(world)
  try {
    const { signal } = interrupted
    const agreed = await confirm(world.stdin, world.stderr, ALL_QUESTION, signal, 'no')
    return agreed ?? interrupted.exitStatus()
  } finally {
    interrupted.stop()
  }
}

async function revoke(admin: Connection, name: string): Promise<RevokeResponse> {
  const path = `/v1/grants/${name}/revoke`
  return answer<RevokeResponse>(
    await admin.request({ method: 'POST', path, timeoutMs: REVOKE_TIMEOUT_MS }),
    'grant',
    'revocation',
    'verified',
    'access_tokens',
  )
}
