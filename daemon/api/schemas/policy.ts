import { MAX_BODY_BYTES, PATTERNS } from '@grantd/client/protocol'
import { RULE_CLASSES, RULE_LISTENERS } from '../../config/rule.ts'
import { anyInteger, anyString, audience, closed, grantName, scope, text } from './parts.ts'

const level = { enum: ['system', 'user'] } as const

/** No kernel gives a longer path. */
const MAX_PATH = 4_096

/** Both files, and the rules in force. */
export const policyStatus = closed(
  {
    files: {
      type: 'array',
      items: closed({ level: anyString, path: anyString, sha256: anyString, problem: anyString }, [
        'level',
        'path',
      ]),
    },
    mode: anyString,
    rules: {
      type: 'array',
      items: closed({ level: anyString, name: anyString, effect: anyString }, [
        'level',
        'name',
        'effect',
      ]),
    },
  },
  ['files', 'rules'],
)

/** Body of `POST /v1/policy/check`. */
export const policyCheckRequest = closed(
  { text: { type: 'string', maxLength: MAX_BODY_BYTES }, level },
  ['text'],
)

/** What is wrong with a text, if anything. */
export const policyCheckResponse = closed(
  {
    rules: anyInteger,
    problem: closed({ line: anyInteger, column: anyInteger, message: anyString }, [
      'line',
      'column',
      'message',
    ]),
  },
  [],
)

/** Body of `POST /v1/policy/explain`. */
export const policyExplainRequest = closed(
  {
    grant: grantName,
    scope,
    audience,
    pid: { type: 'integer', minimum: 1, maximum: 4_194_304 },
    executable: text(PATTERNS.absolutePath, MAX_PATH),
    executable_sha256: text(PATTERNS.sha256, 64),
    unit: text(PATTERNS.unit, 255),
    class: { enum: RULE_CLASSES },
    gid: { type: 'integer', minimum: 0, maximum: 4_294_967_294 },
    listener: { enum: RULE_LISTENERS },
    capability: grantName,
    at: text(PATTERNS.timeOfDay, 9),
  },
  ['grant'],
)

const ruleReason = closed({ rule: anyString, reason: anyString }, ['rule', 'reason'])

/** A decision, and what every rule had to do with it. */
export const policyExplanation = closed(
  {
    peer: closed(
      {
        class: anyString,
        gid: anyInteger,
        pid: anyInteger,
        executable: anyString,
        executable_sha256: anyString,
        unit: anyString,
      },
      ['class', 'gid'],
    ),
    decision: anyString,
    rule: anyString,
    reason: anyString,
    code: anyString,
    limits: { type: 'array', items: anyString },
    scope: anyString,
    max_lifetime: anyInteger,
    consent: anyString,
    rates: {
      type: 'array',
      items: closed({ rule: anyString, tokens: anyInteger, seconds: anyInteger }, [
        'rule',
        'tokens',
        'seconds',
      ]),
    },
    offline: { type: 'boolean' },
    would_deny: ruleReason,
    rules: {
      type: 'array',
      items: closed(
        {
          level: anyString,
          name: anyString,
          effect: anyString,
          verdict: anyString,
          why: anyString,
        },
        ['level', 'name', 'effect', 'verdict', 'why'],
      ),
    },
  },
  ['peer', 'decision', 'rule', 'rules'],
)
