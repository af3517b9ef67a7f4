import { spelled } from './choice.ts'
import type { ConsentQuestion } from './consent.ts'
import { quoted } from './escape-text.ts'

/** Wide enough for a path, narrow enough for every terminal, so that no program breaks our lines itself. */
const WIDTH = 70

/** Where a value begins. */
const INDENT = 13

/** How much of each text is shown, the first that fits; a name of a grant is never cut. */
const ROOMS = [400, 240, 160, 100, 64, 40, 24] as const

/** Names of processes above the caller, at least and at most. */
const ANCESTORS = 4

/**
 * What the person reads before they choose: who asks for what, each fact on a line of its
 * own, in printable ASCII. Facts that somebody else wrote stand in quotes, and lines that
 * go on are indented, so that no text can look like a fact.
 *
 * @param max Bytes, line ends counted three times, as they are sent to a pinentry.
 */
export function questionText(question: ConsentQuestion, max: number): string {
  const ancestors = question.ancestors()
  let text = ''
  for (const room of ROOMS) {
    text = compose(question, ancestors, room)
    if (text.length + 2 * (text.split('\n').length - 1) <= max) return text
  }
  return text
}

function compose(
  question: ConsentQuestion,
  ancestors: ReturnType<ConsentQuestion['ancestors']>,
  room: number,
): string {
  const { peer, grant, forwardedFrom } = question
  const above = ancestors
    .slice(0, ANCESTORS)
    .map(({ pid, executable }) => `${programName(executable, room)} (${pid})`)
  const facts: Facts = [
    ['Program', `${quoted(peer.executable ?? 'unknown', room)} (${peer.pid})`],
    ['Started by', above.length === 0 ? undefined : above.join(', by ')],
    ['Grant', quoted(grant, 64)],
    ...wantedFacts(question, room),
    [
      'Listener',
      question.listener === 'broker' ? undefined : quoted(question.listener, Math.min(room, 96)),
    ],
    ['Class', peer.class === 'local' ? undefined : CLASS_WORDS[peer.class]],
    ['From', forwardedFrom === undefined ? undefined : quoted(forwardedFrom, room)],
  ]
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : wrapped(`${name}:`.padEnd(INDENT) + value),
  )
  const wish = question.lifting === undefined ? 'for an access token' : 'to lift rules for a while'
  return [`A program asks grantd ${wish}.`, '', ...lines].join('\n')
}

type Facts = readonly (readonly [name: string, value: string | undefined])[]

function wantedFacts(question: ConsentQuestion, room: number): Facts {
  const { scope, audience, lifetimeSeconds, purpose, lifting } = question
  if (lifting !== undefined)
    return [
      ['For', `the class ${lifting.class}, for ${spelled(lifting.seconds)}`],
      ['Lifts', quoted(lifting.rules.join(', '), room)],
      ['Reason', `${quoted(lifting.reason, room)}, it says`],
    ]
  return [
    ['Scope', scope.length === 0 ? 'none' : quoted(scope.join(' '), room)],
    ['Audience', audience === undefined ? undefined : quoted(audience, room)],
    ['Lifetime', lifetimeSeconds === undefined ? 'as the issuer says' : spelled(lifetimeSeconds)],
    ['Purpose', purpose === undefined ? undefined : `${quoted(purpose, room)}, it says`],
  ]
}

const CLASS_WORDS = {
  relay: 'relay: it passes on what somebody else asks',
  container: 'container',
  root: 'root',
  unidentified: 'unidentified: who it is could not be read',
} as const

/** The last part of a path: whose chain it is can be recognised by it. */
function programName(executable: string | undefined, room: number): string {
  if (executable === undefined) return 'unknown'
  return quoted(executable.slice(executable.lastIndexOf('/') + 1), Math.min(room, 32))
}

/** Cuts where the line is full: a break at a space could be what somebody is after. */
function wrapped(line: string): readonly string[] {
  const lines = [line.slice(0, WIDTH)]
  for (let at = WIDTH; at < line.length; at += WIDTH - INDENT)
    lines.push(' '.repeat(INDENT) + line.slice(at, at + WIDTH - INDENT))
  return lines
}
