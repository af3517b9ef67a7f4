import { GrantdError, GrantdUnreachableError } from '@grantd/client'
import { MAX_ANSWER_BYTES } from '@grantd/client/protocol'
import { parseAccessToken } from '#sdk/access-token'
import { type Answer, AnswerParser, MAX_HEAD_BYTES } from '#sdk/parse-answer'
import { readAnswer } from '#sdk/read-answer'
import { claim, unlessRefused } from './claim.ts'
import type { Reader } from './reader.ts'

/** Stands in answers that are no token, too. */
const TOKEN = 'at-5PEAKS-OF-NOTHING'

const GIVEN = JSON.stringify({
  access_token: TOKEN,
  token_type: 'Bearer',
  expires_in: 287,
  scope: 'repo:read',
  audience: 'https://api.example',
  grant: 'work',
  generation: 7,
})

const PROBLEM = JSON.stringify({
  type: 'urn:grantd:error:login_required',
  title: 'log in again',
  status: 401,
  code: 'login_required',
  detail: '“work” has ended',
  hint: 'run: grantd login work',
  retry_after: 1.5,
  login: { verification_uri: 'https://issuer.example/device', user_code: 'ABCD' },
})

function answer(status: string, type: string, body: string, more = ''): Buffer {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${more}`
  return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

const GOOD = answer('200 OK', 'application/json; charset=utf-8', GIVEN, 'Connection: close\r\n')
const REFUSED = answer('401 Unauthorized', 'application/problem+json', PROBLEM)
const TEXT = answer('200 OK', 'text/plain', `${TOKEN}\n`)

/** What a program does with the bytes of its connection; whoever has the socket's place may have sent them. */
export const SDK_READER: Reader = {
  name: 'sdk',
  seeds: [GOOD, REFUSED, TEXT, Buffer.concat([REFUSED, GOOD, TEXT])],
  words: [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 204 \r\n\r\n',
    'HTTP/1.0 ',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 0\r\n',
    'Content-Length: 999999999\r\n',
    'content-length:1,1\r\n',
    '\r\n\r\n',
    '\n',
    ' folded\r\n',
    'application/problem+json',
    '"__proto__":{"code":"access_denied"},',
    '"code":{},',
    '1e999',
    '\\ud800',
    '\xe2\x80\xae',
  ],
  check: checkAnswers,
}

function checkAnswers(input: Buffer): void {
  const bytes = input.toString('latin1')
  const whole = new AnswerParser()
  whole.push(bytes)
  const all = answersOf(whole)
  const parser = new AnswerParser()
  const parts: string[] = []
  // however the bytes come: they mean the same
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((input[at] ?? 0) % (bytes.length > 2_000 ? 500 : 7))
    parser.push(bytes.slice(at, at + size))
    parts.push(...answersOf(parser))
    at += size
    if (parts.at(-1) === REFUSED_BYTES) break
  }
  // pieces may be refused at an earlier byte, never with another answer before it
  claim(parts.join('\n') === all.join('\n'), 'parts mean something else than the whole')
}

const REFUSED_BYTES = 'refused'

/** Each complete answer, and a last word where the rest is refused. */
function answersOf(parser: AnswerParser): readonly string[] {
  const answers: string[] = []
  for (;;) {
    const next = unlessRefused(GrantdUnreachableError, () => ({ answer: parser.next() }))
    if (next === undefined) return [...answers, REFUSED_BYTES]
    if (next.answer === undefined) return answers
    answers.push(meaningOf(next.answer))
  }
}

function meaningOf(answer: Answer): string {
  const { status, contentLength, contentType } = answer
  claim(status >= 200 && status <= 599, 'a status that ends nothing')
  claim(contentLength <= MAX_ANSWER_BYTES, 'a longer body than is read')
  claim(contentType.length <= MAX_HEAD_BYTES, 'a longer head than is read')
  try {
    const said = readAnswer(answer)
    const token = parseAccessToken(said, 0)
    claim(token.accessToken !== '', 'a token of nothing')
    return JSON.stringify([answer, token])
  } catch (error) {
    if (error instanceof GrantdUnreachableError)
      claim(!error.message.includes(TOKEN.slice(0, 8)), 'an error that repeats what came')
    else if (error instanceof GrantdError)
      claim(!/\p{C}/u.test(`${error.message}${error.hint ?? ''}`), 'an error that moves a cursor')
    else throw error
    return JSON.stringify([answer, String(error)])
  }
}
