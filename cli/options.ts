import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** One option of a command: what `parseArgs` needs and what `--help` says. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** One letter that means the same. */
  readonly short?: string
  /** Word for the value in `--help`. */
  readonly value?: string
  /** What it does, in a few words. */
  readonly text: string
}

/** The options of one command by their long name. */
export type OptionTable = Readonly<Record<string, Option>>

/** Every command has it; the sentence is the same everywhere. */
export const JSON_OPTION = {
  type: 'boolean',
  text: 'JSON on stdout; an error is a problem object (RFC 9457) on stderr',
} as const satisfies Option

/** What stood on the command line. */
export type Parsed<O extends OptionTable> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>

/**
 * Strict: an option nobody knows is refused, and its value is not repeated, as
 * it may be a secret.
 *
 * @throws UsageError
 */
export function parseOptions<const O extends OptionTable>(
  args: readonly string[],
  options: O,
): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(sentence(error), secretHint(args))
  }
}

/** How Node names an option whose value is missing, or looks like the next option. */
const VALUELESS = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument (?:is ambiguous|missing)/

/** Node's own first sentence, in our spelling. */
function sentence(error: unknown): string {
  const message = String(error instanceof Error ? error.message : error)
  const [, valueless] = VALUELESS.exec(message) ?? []
  if (valueless !== undefined) return `${valueless} needs a value`
  const [first = ''] = message.split(/\.(?:\s|$)|\n/)
  return first.charAt(0).toLowerCase() + first.slice(1).replaceAll("'", '"')
}

function secretHint(args: readonly string[]): string | undefined {
  return args.some((arg) => /^--(client-)?secret/.test(arg))
    ? 'a secret on a command line is seen by every process; send it to --client-secret-stdin'
    : undefined
}
