import type { ServiceProgram } from './service-manager.ts'
import { quoteProgram, quoteWord } from './systemd-quote.ts'

/** The templates, in the order in which people read of them. */
export const UNIT_NAMES = ['grantd.service', 'grantd.socket', 'grantd-admin.socket'] as const

/** Those that are enabled; they start the service. */
export const SOCKET_UNITS = ['grantd.socket', 'grantd-admin.socket'] as const

/** Begins every unit of ours: what does not begin so was written by somebody else, and stays. */
export const MARK = '# Written by `grantd service install`; changes are lost with the next one.\n'

/**
 * Units for this machine.
 *
 * @param templates By name.
 * @throws TypeError where systemd cannot hold a path
 */
export function renderUnits(
  templates: ReadonlyMap<string, string>,
  { node, nodeOptions, script }: ServiceProgram,
): ReadonlyMap<string, string> {
  const words = [...nodeOptions, script, 'serve'].map(quoteWord)
  const exec = [quoteProgram(node), ...words].join(' ')
  return new Map(
    // a function, because a dollar would mean something in a text
    [...templates].map(([name, text]) => [name, MARK + text.replaceAll('@EXEC@', () => exec)]),
  )
}
