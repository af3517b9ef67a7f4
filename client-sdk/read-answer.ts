import type { Answer } from './parse-answer.ts'
import { parseProblem } from './parse-problem.ts'
import { malformed } from './unreachable.ts'

/**
 * What an answer says: its parsed JSON, or its text where it is no JSON.
 *
 * @throws GrantdError what an `application/problem+json` says
 * @throws GrantdUnreachableError `malformed`: broken JSON, or a failure without a problem
 */
export function readAnswer(answer: Answer): unknown {
  if (answer.status >= 400 && answer.contentType === 'application/problem+json')
    throw parseProblem(answer.status, parseJson(answer.text))
  if (answer.status >= 300) throw malformed(`status ${answer.status} without a problem document`)
  return answer.contentType === 'application/json' ? parseJson(answer.text) : answer.text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, and the text may hold a token.
    throw malformed('broken JSON')
  }
}
