/**
 * base64url SHA-256 of a token, 43 characters: how a refused token is named
 * without showing it. The hash is loaded at first use; plain requests never pay
 * for it.
 */
export async function hashToken(token: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(token).digest('base64url')
}
