import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  type AuditLogOptions,
  type ChainedLog,
  openAuditLog,
} from '../../daemon/audit/audit-log.ts'
import { AuditReader } from '../../daemon/audit/audit-reader.ts'
import type { Head } from '../../daemon/audit/chain.ts'
import type { Verdict } from '../../daemon/audit/verify-chain.ts'
import { FakeClock } from './fake-clock.ts'

/** Whoever runs the test. */
export const uid = process.getuid?.() ?? -1

/** Options of a log in a directory; nothing is full or old unless a test says so. */
export function auditOptions(
  stateDirectory: string,
  changes: Partial<AuditLogOptions> = {},
): AuditLogOptions {
  return {
    stateDirectory,
    uid,
    clock: new FakeClock(),
    fileBytes: 1_000_000,
    totalBytes: 5_000_000,
    sealMs: 600_000,
    ...changes,
  }
}

/** A log that is closed with the test. */
export async function openAudit(t: Test, options: AuditLogOptions): Promise<ChainedLog> {
  const log = await openAuditLog(options)
  t.teardown(() => log.close())
  return log
}

/** Reads all of a log. */
export async function verifyAudit(log: ChainedLog, anchor?: Head): Promise<Verdict> {
  return await readerOf(log).verify(anchor)
}

/** A reader of a log. */
export function readerOf(log: ChainedLog, scanBytes = 1_000_000, pageBytes = 100_000): AuditReader {
  return new AuditReader({ log, uid, scanBytes, pageBytes })
}

/** Names of the files of a log. */
export function logFiles(stateDirectory: string): readonly string[] {
  return readdirSync(join(stateDirectory, 'audit')).sort()
}
