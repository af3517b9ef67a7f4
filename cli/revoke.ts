import type { RevokeResponse } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { exitStatus } from './exit-status.ts'
import { grantName } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { reportError } from './report-error.ts'
import { revokeText } from './text/revoke-text.ts'
import type { Connection, World } from './world.ts'

/** Longer than the daemon tries to reach an issuer before it queues the revocation. */
const REVOKE_TIMEOUT_MS = 60_000

export const HELP: Help = {
  usage: 'grantd revoke GRANT... [OPTION]...',
  about: [
    'Ends grants: here at once, and at the issuer now or as soon as it can be reached.',
    'Says what became of it there, and until when tokens already handed out can still work.',
    'Exit status 0 means: ended here. With --json: one line per grant.',
  ],
  example: { line: 'grantd revoke work', text: 'log out of "work"' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd revoke` and `grantd logout`: one that fails does not keep the others alive. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const [first, ...others] = positionals
  const names = [grantName(first), ...others.map(grantName)]
  const asJson = values.json === true
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
