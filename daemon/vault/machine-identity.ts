import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeDurable } from '../platform/durable-file.ts'
import { errorCode } from './error-code.ts'
import { readSmallFile } from './read-small-file.ts'
import { isAnythingSealed, readSealedFiles } from './sealed-state.ts'
import { vaultFiles } from './vault-files.ts'
import { VaultUnusableError } from './vault-unusable-error.ts'

/** Where a machine says who it is; the first that answers counts. */
export interface IdentitySources {
  /** Files with 32 hexadecimal digits, machine-id(5). */
  readonly files: readonly string[]
  /** A program and its arguments whose output names an `IOPlatformUUID`. */
  readonly program: readonly [string, ...string[]] | undefined
}

/** The places of this platform. The macOS one has not run on a Mac yet. */
const SYSTEM_SOURCES: IdentitySources =
  process.platform === 'darwin'
    ? { files: [], program: ['/usr/sbin/ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'] }
    : { files: ['/etc/machine-id', '/var/lib/dbus/machine-id'], program: undefined }

/** It answers in milliseconds; a daemon that starts does not wait for one that does not. */
const PROGRAM_DEADLINE_MS = 2000

const OWN_FILE = 'machine-id'

/**
 * What no other machine has, to bind sealed records to this one. It is hashed
 * wherever it goes, as machine-id(5) asks.
 *
 * A system without an identity, such as many containers, gets a random one in a
 * file of the state directory, which then counts for good. The price: a copy of
 * the state directory carries it along, so that records are then bound by the
 * sealing key alone. It is never made where something is sealed already: that was
 * sealed with an identity which may come back, and would then count no more.
 *
 * @param stateDirectory Made when it is not there and the file is needed.
 * @param isGivenUp True when what is sealed is about to be removed for good.
 * @throws VaultUnusableError when that file is there and cannot be read, cannot be
 *   written, or must not be made
 */
export async function machineIdentity(
  stateDirectory: string,
  isGivenUp = false,
  sources: IdentitySources = SYSTEM_SOURCES,
): Promise<string> {
  const own = join(stateDirectory, OWN_FILE)
  // Ours comes first: an identity that appears later would orphan every record.
  const kept = await readOwn(own)
  if (kept !== undefined) return kept
  for (const file of sources.files) {
    const id = parseMachineId(await readFile(file, 'utf8').catch(() => ''))
    if (id !== undefined) return id
  }
  const uuid = parsePlatformUuid(await outputOf(sources.program))
  if (uuid !== undefined) return uuid
  if (!isGivenUp) await refuseOrphans(stateDirectory)
  return await makeOwn(stateDirectory, own)
}

/** 32 hexadecimal digits, which excludes the word `uninitialized` of a first boot. */
function parseMachineId(text: string): string | undefined {
  return /^([0-9a-f]{32})\n?$/.exec(text)?.[1]
}

function parsePlatformUuid(text: string): string | undefined {
  return /"IOPlatformUUID" = "([0-9A-F-]{36})"/.exec(text)?.[1]
}

/** A file of ours that cannot be read is never replaced: records may hang on it. */
async function readOwn(own: string): Promise<string | undefined> {
  const bytes = await readSmallFile(own).catch((error: unknown) => {
    throw new VaultUnusableError(
      `"${own}" cannot be read: ${errorCode(error)}`,
      `let us read "${own}"`,
    )
  })
  if (bytes === undefined) return undefined
  const id = parseMachineId(bytes.toString('utf8'))
  if (id !== undefined) return id
  throw new VaultUnusableError(
    `"${own}" holds no machine id`,
    'restore the file from a backup; without it the sealed grants are lost: remove it and log in again',
  )
}

async function outputOf(program: IdentitySources['program']): Promise<string> {
  if (program === undefined) return ''
  const [name, ...args] = program
  const run = promisify(execFile)(name, args, { timeout: PROGRAM_DEADLINE_MS })
  return await run.then(
    ({ stdout }) => stdout,
    () => '',
  )
}

/** In doubt something is sealed. */
async function refuseOrphans(stateDirectory: string): Promise<void> {
  const files = vaultFiles(stateDirectory)
  if (!(await readSealedFiles(files).then(isAnythingSealed, () => true))) return
  throw new VaultUnusableError(
    'this machine does not say who it is, and what is sealed was sealed when it did',
    'bring /etc/machine-id back; without it: grantd vault init --discard-sealed',
  )
}

async function makeOwn(stateDirectory: string, own: string): Promise<string> {
  const id = randomBytes(16).toString('hex')
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
    await writeDurable(own, Buffer.from(`${id}\n`))
  } catch (error) {
    throw new VaultUnusableError(
      `"${own}" cannot be written: ${errorCode(error)}`,
      `let us write to "${stateDirectory}", and make room on its disk`,
    )
  }
  return id
}
