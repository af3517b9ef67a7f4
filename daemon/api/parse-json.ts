import { GrantdError } from '@grantd/client/protocol'

/**
 * JSON of a request body. `JSON.parse` takes the last of two members of the same
 * name, and a proxy or an auditor may take the first: such a text has no one
 * meaning and is refused, as is text that is not UTF-8.
 *
 * @throws GrantdError `invalid_request`
 * @see RFC 8259 §4 ("names within an object SHOULD be unique")
 */
export function parseJson(body: Buffer): unknown {
  const text = decode(body)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new GrantdError('invalid_request', 'the body is not JSON')
  }
  if (hasDuplicateName(text))
    throw new GrantdError('invalid_request', 'the body names a member twice')
  return value
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new GrantdError('invalid_request', 'the body is not UTF-8')
  }
}

const STRING_OR_MARK = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** Walks over a text that is known to be JSON: a string before a colon is a name. */
function hasDuplicateName(text: string): boolean {
  const open: Set<string>[] = []
  let last = ''
  for (const [token] of text.matchAll(STRING_OR_MARK)) {
    if (token === '{') open.push(new Set())
    if (token === '}') open.pop()
    if (token === ':') {
      const name = JSON.parse(last) as string
      const names = open.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    }
    last = token
  }
  return false
}
