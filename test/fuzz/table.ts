import type { Outcome } from './reader.ts'

const HEAD = ['runs', 'slowest ms', 'growth KiB', 'found']

/** Lines of text for a person. */
export function table(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ target }) => target.length)) + 2
  const rows = outcomes.map(({ target, runs, slowestMs, growthBytes, finding }) =>
    line(width, target, [
      String(runs),
      slowestMs.toFixed(0),
      (growthBytes / 1_024).toFixed(0),
      finding?.what ?? '-',
    ]),
  )
  return [line(width, '', HEAD), ...rows].join('\n')
}

function line(width: number, name: string, cells: readonly string[]): string {
  return name.padEnd(width) + cells.map((cell) => cell.padStart(12)).join('')
}
