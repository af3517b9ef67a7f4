import { MAX_SCOPE_LENGTH, MAX_URL_LENGTH, PATTERNS } from '@grantd/client/protocol'

/** A string as the wire defines it; patterns are ASCII, so lengths are bytes. */
export const text = (pattern: string, maxLength: number) =>
  ({ type: 'string', pattern, maxLength }) as const

/** An object with these members and no others. */
export const closed = <P extends object>(
  properties: P,
  required: readonly (keyof P & string)[],
) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

/** A string in an answer: what stands in it is ours. */
export const anyString = { type: 'string' } as const

/** A whole number in an answer. */
export const anyInteger = { type: 'integer' } as const

/** Members of any name, each a string. */
export const stringMap = { type: 'object', additionalProperties: { type: 'string' } } as const

/** What a person calls a grant. */
export const grantName = text(PATTERNS.grantName, 64)

/** Scopes as RFC 6749 §3.3 writes them. */
export const scope = text(PATTERNS.scope, MAX_SCOPE_LENGTH)

/** An absolute URL: an audience, or an issuer. */
export const audience = text(PATTERNS.audience, MAX_URL_LENGTH)
