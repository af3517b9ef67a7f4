import { randomBytes } from 'node:crypto'

/** 128 random bits as 22 base64url characters: names a grant or a login, and cannot be guessed. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}
