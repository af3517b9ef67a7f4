/** Space between two columns. */
const GAP = '  '

/**
 * Rows as lines with aligned columns, without spaces at the end. Cells must be
 * `printable()` and without colour: width is counted in code points.
 *
 * @param indent What each line starts with.
 */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, width(cell))
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => padded(cell, widths[at]))
    return (indent + cells.join(GAP)).trimEnd()
  })
}

function padded(cell: string, toWidth = 0): string {
  return cell + ' '.repeat(toWidth - width(cell))
}

function width(cell: string): number {
  return Array.from(cell).length
}
