import { anyInteger, anyString, closed } from './parts.ts'

/** `application/problem+json`, RFC 9457: the one shape of every error. */
export const problem = closed(
  {
    type: anyString,
    title: anyString,
    status: anyInteger,
    code: anyString,
    detail: anyString,
    retry_after: anyInteger,
    hint: anyString,
    login: closed({ verification_uri: anyString, user_code: anyString }, []),
  },
  ['type', 'title', 'status', 'code', 'detail'],
)

/** Answers of a route: nothing leaves without a schema of its status class. */
export const answers = (ok: object) => ({ '2xx': ok, '4xx': problem, '5xx': problem })

/** The query string of a route that takes none; a route without a body schema takes no body either. */
export const noQuery = closed({}, [])
