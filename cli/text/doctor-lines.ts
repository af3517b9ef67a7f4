import type { Finding } from '../doctor/finding.ts'
import { printable } from '../printable.ts'
import type { Paint, Style } from './style.ts'

const STYLES: Readonly<Record<Finding['level'], Style>> = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
}

/** `grantd doctor`: `ok|warn|fail  what — what to do`, one line a finding. */
export function doctorLines(findings: readonly Finding[], paint: Paint): string {
  return findings
    .map(({ level, what, advice }) => {
      const sentence = advice === undefined ? what : `${what} — ${advice}`
      return `${paint(STYLES[level], level.padEnd(4))}  ${printable(sentence)}\n`
    })
    .join('')
}
