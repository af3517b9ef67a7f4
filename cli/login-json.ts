import type { LoginReport } from './login-report.ts'
import { jsonLine } from './printable.ts'
import type { World } from './world.ts'

/** A login for a program: a line for its start and a line for its end, on stdout. */
export function loginJson({ stdout }: Pick<World, 'stdout'>): LoginReport {
  return {
    joins: async () => true,
    started: async (login) => stdout.write(jsonLine(login)),
    progress: () => {},
    ended: (login) => stdout.write(jsonLine(login)),
    interrupted: (left) => stdout.write(jsonLine(left.kind === 'cancelled' ? left.view : left)),
    end: () => {},
  }
}
