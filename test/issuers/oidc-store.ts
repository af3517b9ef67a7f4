/** What the provider stores of a token, code, login or grant. */
export interface Artifact {
  readonly accountId?: string
  readonly grantId?: string
  readonly uid?: string
  readonly userCode?: string
  consumed?: number
}

/** Everything the issuer knows, by kind and identifier. */
export type ArtifactTable = Map<string, Artifact>

/**
 * Storage of the provider that forgets nothing by itself, so that reuse is always recognized.
 *
 * @param keepsOneAccessToken Whether a new access token ends the others of its grant.
 */
export function artifactStore(table: ArtifactTable, keepsOneAccessToken: boolean) {
  return (kind: string) => {
    const key = (id: string): string => `${kind}:${id}`
    const find = (matches: (artifact: Artifact) => boolean): Artifact | undefined =>
      [...table].find(([name, artifact]) => name.startsWith(`${kind}:`) && matches(artifact))?.[1]
    return {
      async upsert(id: string, artifact: Artifact): Promise<void> {
        if (keepsOneAccessToken && kind === 'AccessToken' && artifact.grantId !== undefined) {
          for (const [name, other] of table)
            if (name.startsWith('AccessToken:') && other.grantId === artifact.grantId)
              table.delete(name)
        }
        table.set(key(id), artifact)
      },
      async find(id: string): Promise<Artifact | undefined> {
        return table.get(key(id))
      },
      async findByUid(uid: string): Promise<Artifact | undefined> {
        return find((artifact) => artifact.uid === uid)
      },
      async findByUserCode(userCode: string): Promise<Artifact | undefined> {
        return find((artifact) => artifact.userCode === userCode)
      },
      async consume(id: string): Promise<void> {
        const artifact = table.get(key(id))
        if (artifact !== undefined) artifact.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id: string): Promise<void> {
        table.delete(key(id))
      },
      async revokeByGrantId(grantId: string): Promise<void> {
        for (const [name, artifact] of table) {
          if (artifact.grantId === grantId) table.delete(name)
        }
      },
    }
  }
}

/** Refresh tokens of a person that were neither used nor revoked. */
export function usableRefreshTokens(table: ArtifactTable, account: string): number {
  return [...table].filter(
    ([name, { accountId, consumed }]) =>
      name.startsWith('RefreshToken:') && accountId === account && consumed === undefined,
  ).length
}
