import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../base/clock.ts'
import {
  MAX_CONSENT_CHOICES,
  MAX_CONSENT_WAITERS,
  MAX_PENDING_PROMPTS,
  MAX_PROMPTS_PER_PROGRAM,
  MAX_WAITERS_PER_PROMPT,
  PROMPT_QUEUE_SECONDS,
  PROMPT_SECONDS,
  PROMPT_START_MS,
  REFUSAL_SECONDS,
} from '../base/limits.ts'
import { consentOnRecord } from '../broker/consent-on-record.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import { askpassPrompter } from '../consent/askpass.ts'
import { ConsentDesk } from '../consent/consent-desk.ts'
import { findPinentry, programProblem } from '../consent/find-pinentry.ts'
import { pinentryPrompter } from '../consent/pinentry.ts'
import { firstThatShows, type Prompter } from '../consent/prompt.ts'

/** A program that another uid starts can open neither the person's terminal nor their desktop. */
const outOfSight: Prompter = async () => ({
  kind: 'unavailable',
  reason: 'the daemon runs under a uid of its own, and can show nothing on your screen',
})

/** The person is asked by a pinentry, else by the program of OpenSSH. */
export function consentDesk(
  options: {
    readonly clock: Clock
    readonly environment: NodeJS.ProcessEnv
    readonly uid: number
    /** Who is asked. Default: our own uid. */
    readonly owner?: number
  },
  config: Pick<ConfigFiles, 'current' | 'problem'>,
  audit: AuditLog,
): ConsentDesk {
  const { clock, environment, uid, owner = uid } = options
  const pinentry = pinentryPrompter({
    program: () => findPinentry(config.current().consent.pinentry, uid),
    environment,
    seconds: PROMPT_SECONDS,
    startMs: PROMPT_START_MS,
  })
  return new ConsentDesk({
    clock,
    show: firstThatShows(
      owner === uid
        ? [pinentry, askpassPrompter(environment, (path) => programProblem(path, uid))]
        : [outOfSight],
    ),
    // a new object each time the text changed
    rules: () => config.problem() ?? config.current(),
    caps: {
      prompts: MAX_PENDING_PROMPTS,
      promptsPerProgram: MAX_PROMPTS_PER_PROGRAM,
      waitersPerPrompt: MAX_WAITERS_PER_PROMPT,
      waiters: MAX_CONSENT_WAITERS,
      remembered: MAX_CONSENT_CHOICES,
    },
    promptMs: PROMPT_SECONDS * 1000,
    queueMs: PROMPT_QUEUE_SECONDS * 1000,
    refusalMs: REFUSAL_SECONDS * 1000,
    record: consentOnRecord(audit),
  })
}
