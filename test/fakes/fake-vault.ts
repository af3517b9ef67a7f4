import type { GrantRecord } from '../../daemon/grant/grant-record.ts'
import { decodeRecord } from '../../daemon/vault/record.ts'
import { unseal } from '../../daemon/vault/seal.ts'
import { SealedRecords } from '../../daemon/vault/sealed-records.ts'
import { SealingKey } from '../../daemon/vault/sealing-key.ts'

/** A disk that a test can fill up, slow down and read. */
export class FakeDisk {
  /** Names what happens in it, in order. */
  readonly steps: string[]
  /** How many writes from now on fail. */
  failing = 0
  /** Runs before a write is done; holds it up, or changes something meanwhile. */
  beforeWrite: (record: GrantRecord) => Promise<void> = async () => undefined
  readonly #records = new Map<string, GrantRecord>()

  constructor(steps: string[]) {
    this.steps = steps
  }

  /** What is durable of a grant. */
  record(id: string): GrantRecord | undefined {
    return this.#records.get(id)
  }

  async write(id: string, record: GrantRecord): Promise<void> {
    await this.beforeWrite(record)
    if (this.failing > 0) {
      this.failing -= 1
      this.steps.push('disk failed')
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    this.#records.set(id, record)
    this.steps.push(`durable: ${record.grant.state.kind} ${record.grant.generation}`)
  }

  remove(id: string): void {
    this.#records.delete(id)
    this.steps.push('removed')
  }
}

/** The real vault over a fake disk. */
export function fakeVault(steps: string[] = []): {
  readonly vault: SealedRecords
  readonly disk: FakeDisk
} {
  const bytes = Buffer.alloc(32, 7)
  const key = new SealingKey('memory', Buffer.from(bytes), 'a machine')
  const disk = new FakeDisk(steps)
  const vault = new SealedRecords({
    kind: 'memory',
    key: new SealingKey('memory', bytes, 'a machine'),
    storage: {
      write: (id, sealed) => disk.write(id, decodeRecord(id, unseal(key, id, Buffer.from(sealed)))),
      remove: async (id) => disk.remove(id),
    },
    found: [],
    broken: [],
  })
  return { vault, disk }
}
