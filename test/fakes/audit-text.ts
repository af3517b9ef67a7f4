import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareLogNames, formatLogName, parseLogName } from '../../daemon/audit/log-name.ts'

/** Every line of an audit log, the oldest first. */
export function auditText(stateDirectory: string): string {
  const directory = join(stateDirectory, 'audit')
  return readdirSync(directory)
    .flatMap((name) => parseLogName(name) ?? [])
    .sort(compareLogNames)
    .map((name) => readFileSync(join(directory, formatLogName(name)), 'utf8'))
    .join('')
}
