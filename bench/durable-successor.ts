import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { open, rename } from 'node:fs/promises'
import http, { type IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../daemon/base/clock.ts'
import type { Issuers } from '../daemon/issuer/issuer.ts'
import { createIssuers } from '../daemon/issuer/openid-issuers.ts'
import { BackOff } from '../daemon/refresh/back-off.ts'
import { refreshGrant } from '../daemon/refresh/refresh-grant.ts'
import { createSealedVault } from '../daemon/vault/sealed-vault.ts'
import { SealingKey } from '../daemon/vault/sealing-key.ts'
import { vaultFiles } from '../daemon/vault/vault-files.ts'
import { API, sampleGrant, sampleRecord } from '../test/fakes/sample-grant.ts'
import { startCannedServer } from '../test/issuers/canned-server.ts'
import type { RowGroup } from './row.ts'

const ROOM = {
  clock: systemClock,
  allowLoopbackHttp: true,
  timeoutSeconds: 10,
  clientName: 'grantd',
}

/**
 * From the last byte of a token answer to a successor that a power cut cannot take.
 *
 * Ours is the daemon's own way: `refreshGrant` with the real issuer and vault rooms, against
 * a token endpoint on loopback. The clock starts when Node says that the answer has ended,
 * and stops when `keepSuccessor` resolves: in between the refresh token is cut out of the
 * bytes, the record is opened, changed, sealed anew, written, synced, renamed, and its
 * directory synced. The baseline is a program that does nothing else: it has asked the same
 * endpoint by a bare request, and when that answer ends it writes as many bytes, by blocking
 * calls or as a server must that has other callers. (The same write in a tight loop takes less than half as long: caches, processor and
 * disk are then awake, as they never are when an answer comes in.)
 */
export async function durableSuccessorRows(): Promise<RowGroup> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'grantd-bench-'))
  const files = vaultFiles(stateDirectory)
  await files.prepare()
  const key = SealingKey.random('keychain', 'the machine of the bench')
  const vault = createSealedVault(files, key, { readable: [], broken: [] })
  const endpoint = await startCannedServer(() => ({ body: tokenAnswer() }))
  const metadata = { issuer: endpoint.origin, token_endpoint: `${endpoint.origin}/token` }
  const { grant } = sampleRecord({ metadata })
  const { id } = sampleGrant()
  await vault.add(sampleRecord({ metadata }, randomText()))
  const times = { answerEnded: 0, durable: 0 }
  watchAnswers(() => {
    times.answerEnded = performance.now()
  })
  const real = createIssuers(ROOM)
  const issuers: Issuers = {
    ...real,
    refresh: (request) =>
      real.refresh({
        ...request,
        async keepSuccessor(successor) {
          await request.keepSuccessor(successor)
          times.durable = performance.now()
        },
      }),
  }
  const rooms = {
    clock: systemClock,
    vault,
    issuers,
    backOff: new BackOff({ clock: systemClock, random: Math.random }),
  }
  const ask = { audience: API, scope: grant.scopes[API], sentScope: undefined }
  const ours = async (): Promise<number> => {
    const { kind } = await refreshGrant(rooms, id, ask, async () => undefined)
    if (kind !== 'rotated') throw new Error(`the exchange ended with "${kind}"`)
    return times.durable - times.answerEnded
  }
  await ours()
  const records = join(stateDirectory, 'grants')
  const [file = ''] = readdirSync(records)
  const bytes = randomBytes(statSync(join(records, file)).size)
  const after = (write: () => Promise<void> | void) => async (): Promise<number> => {
    await askBare(`${endpoint.origin}/token`)
    await write()
    return performance.now() - times.answerEnded
  }
  const blocking = (syncsDirectory: boolean) =>
    after(() => writeBare(stateDirectory, bytes, syncsDirectory))
  const what = 'last byte of an answer to a durable successor, p50'
  return {
    rows: [
      {
        name: 'successor',
        what,
        against: 'bare request, then write, fsync, rename and fsync of the directory',
        goal: 1.5,
        pair: { ours, baseline: blocking(true), calls: 40 },
      },
      {
        name: 'successor-bare',
        what,
        against: 'bare request, then write, fsync and rename alone, which a power cut may undo',
        goal: 1.5,
        pair: { ours, baseline: blocking(false), calls: 40 },
      },
      {
        name: 'successor-patient',
        what,
        against: 'bare request, then the same four by calls that let others go on meanwhile',
        goal: 1.5,
        pair: { ours, baseline: after(() => writePatiently(stateDirectory, bytes)), calls: 40 },
      },
    ],
    async close() {
      await vault.close()
      await endpoint.close()
      rmSync(stateDirectory, { recursive: true, force: true })
    },
  }
}

function tokenAnswer(): string {
  return JSON.stringify({
    access_token: randomText(),
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: randomText(),
    scope: 'repo:read repo:write',
  })
}

function randomText(): string {
  return randomBytes(32).toString('base64url')
}

/** As a server has to write that may not block its other callers. */
async function writePatiently(directory: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, 'bare.new')
  const file = await open(temporary, 'w')
  await file.write(bytes)
  await file.sync()
  await file.close()
  await rename(temporary, join(directory, 'bare'))
  const opened = await open(directory, 'r')
  await opened.sync()
  await opened.close()
}

/** Tells when the answer to a POST of this process has been read to its end. */
function watchAnswers(ended: () => void): void {
  const { request } = http
  http.request = ((...args: Parameters<typeof request>) =>
    request(...args).once('response', (answer: IncomingMessage) => {
      answer.once('end', ended)
    })) as typeof request
  syncBuiltinESMExports()
}

/** Resolves when the answer has ended. */
function askBare(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method: 'POST', agent: false }, (answer) => {
      answer.once('end', resolve).resume()
    })
    asked.once('error', reject).end('grant_type=refresh_token')
  })
}

function writeBare(directory: string, bytes: Uint8Array, syncsDirectory: boolean): void {
  const temporary = join(directory, 'bare.new')
  const file = openSync(temporary, 'w', 0o600)
  writeSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
  renameSync(temporary, join(directory, 'bare'))
  if (!syncsDirectory) return
  const opened = openSync(directory, 'r')
  fsyncSync(opened)
  closeSync(opened)
}
