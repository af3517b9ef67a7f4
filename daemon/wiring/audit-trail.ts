import { type AuditLogOptions, type ChainedLog, openAuditLog } from '../audit/audit-log.ts'
import { AuditReader } from '../audit/audit-reader.ts'
import {
  AUDIT_PAGE_BYTES,
  AUDIT_PAGE_SCAN_BYTES,
  AUDIT_SEAL_MS,
  MAX_AUDIT_BYTES,
  MAX_AUDIT_FILE_BYTES,
} from '../base/limits.ts'

/** The log, and who reads it. */
export interface AuditTrail {
  readonly audit: ChainedLog
  readonly reader: AuditReader
}

/**
 * Opens the audit log of a state directory.
 *
 * @throws GrantdError `audit_unavailable`
 */
export async function openAuditTrail(
  where: Pick<AuditLogOptions, 'stateDirectory' | 'uid' | 'clock'>,
): Promise<AuditTrail> {
  const audit = await openAuditLog({
    ...where,
    fileBytes: MAX_AUDIT_FILE_BYTES,
    totalBytes: MAX_AUDIT_BYTES,
    sealMs: AUDIT_SEAL_MS,
  })
  const reader = new AuditReader({
    log: audit,
    uid: where.uid,
    scanBytes: AUDIT_PAGE_SCAN_BYTES,
    pageBytes: AUDIT_PAGE_BYTES,
  })
  return { audit, reader }
}
