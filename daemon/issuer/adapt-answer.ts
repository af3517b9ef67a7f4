import type { IssuerMetadata } from '../grant/grant.ts'
import { adaptForm } from './adapt-form.ts'

/** An answer before anybody has looked at it. */
export interface RawAnswer {
  readonly body: Buffer
  readonly contentType: string
}

const JSON_TYPE = 'application/json'

/** What a form comes as; some issuers call it a plain text. */
const FORM_TYPE = /^(?:application\/x-www-form-urlencoded|text\/plain)\s*(?:;|$)/i

const OPEN_ANGLE = 0x3c
const OPEN_BRACE = 0x7b

/**
 * An answer in the form of RFC 6749 §5, whatever the issuer's own is. An answer that is not in
 * the issuer's own form either stays as it is: a portal's page, or the JSON of a standard.
 *
 * @param raw Its body is wiped where another takes its place.
 */
export function adaptAnswer(
  answers: IssuerMetadata['answers'],
  raw: RawAnswer,
  isComplete: boolean,
): RawAnswer {
  const first = raw.body.find((byte) => byte > 0x20)
  const isForm =
    answers === 'form' &&
    FORM_TYPE.test(raw.contentType) &&
    first !== OPEN_ANGLE &&
    first !== OPEN_BRACE &&
    raw.body.includes('=')
  return isForm ? { body: adaptForm(raw.body, isComplete), contentType: JSON_TYPE } : raw
}
