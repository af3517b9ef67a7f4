import type { ProviderContext } from 'oidc-provider'
import type { ArtifactTable } from './oidc-store.ts'
import { formSeen, type TokenRequestSeen } from './token-log.ts'

interface Kept {
  readonly seen: TokenRequestSeen
  readonly body: unknown
  readonly until: number
}

/**
 * The kindness of issuers that know networks: for a while a refresh token that was used
 * is answered again, with the same answer. Once the successor was used or revoked, the
 * old token is as dead as anywhere.
 */
export class RotationGrace {
  readonly #kept = new Map<string, Kept>()
  readonly #milliseconds: number
  readonly #table: ArtifactTable

  constructor(milliseconds: number, table: ArtifactTable) {
    this.#milliseconds = milliseconds
    this.#table = table
  }

  /** Remembers an answer that rotated; gives back what the log says of it. */
  kept(seen: TokenRequestSeen, body: unknown): TokenRequestSeen {
    const { status, refreshTokenHash } = seen
    if (this.#milliseconds > 0 && status === 200 && refreshTokenHash !== undefined)
      this.#kept.set(refreshTokenHash, { seen, body, until: Date.now() + this.#milliseconds })
    return seen
  }

  /**
   * Answers in the place of the provider where it may.
   *
   * @returns What the log is to say; `undefined` when the provider has to answer.
   */
  async repeat(context: ProviderContext): Promise<TokenRequestSeen | undefined> {
    if (this.#milliseconds === 0 || context.path !== '/token' || context.method !== 'POST')
      return undefined
    const form = await readForm(context)
    const { refreshTokenHash = '' } = form
    const kept = this.#kept.get(refreshTokenHash)
    if (kept === undefined || Date.now() > kept.until || !this.#isUnused(kept.body))
      return undefined
    context.status = 200
    context.body = kept.body
    return { ...kept.seen, ...form, isRepeated: true }
  }

  #isUnused(body: unknown): boolean {
    const token = (body as { readonly refresh_token?: string }).refresh_token ?? ''
    const artifact = this.#table.get(`RefreshToken:${token}`)
    return artifact !== undefined && artifact.consumed === undefined
  }
}

/** The provider reads the form from where we leave it. */
async function readForm({ req }: ProviderContext): Promise<ReturnType<typeof formSeen>> {
  const chunks: Buffer[] = []
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
  req.body = Buffer.concat(chunks).toString()
  const form = new URLSearchParams(req.body)
  return formSeen((name) => form.get(name) ?? undefined)
}
