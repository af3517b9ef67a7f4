import { MAX_SOCKET_PATH_BYTES } from '@grantd/client/protocol'
import type { ServiceProgram } from './service-manager.ts'

/** The name by which launchd knows the daemon. */
export const LABEL = 'dev.grantd.agent'

/** The declaration has to come first. */
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Begins every agent of ours: what does not begin so was written by somebody else, and stays. */
export const AGENT_MARK = `${DECLARATION}<!-- Written by \`grantd service install\`; changes are lost with the next one. -->\n`

/** Where an agent has what is its own; absolute. */
export interface AgentPaths {
  readonly broker: string
  readonly admin: string
  readonly log: string
}

/**
 * The agent for this machine. launchd expands nothing: every path is whole.
 *
 * @throws TypeError where an agent cannot hold a path, or no socket can be there
 * @see launchd.plist(5)
 */
export function renderAgent(
  template: string,
  { node, nodeOptions, script }: ServiceProgram,
  { broker, admin, log }: AgentPaths,
): string {
  if (!template.startsWith(DECLARATION)) throw new TypeError('the template has no declaration')
  for (const path of [node, script, broker, admin, log])
    if (!path.startsWith('/')) throw new TypeError(`"${path}" is not absolute`)
  for (const path of [broker, admin])
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES.darwin)
      throw new TypeError(
        `the socket path "${path}" is longer than ${MAX_SOCKET_PATH_BYTES.darwin} bytes`,
      )
  const words = [node, ...nodeOptions, script, 'serve']
  const values: Readonly<Record<string, string>> = {
    PROGRAM: words.map((word) => `    <string>${escapeXml(word)}</string>`).join('\n'),
    BROKER: escapeXml(broker),
    ADMIN: escapeXml(admin),
    LOG: escapeXml(log),
  }
  const body = template.slice(DECLARATION.length)
  // in one go, as a path may look like a place of the template
  return AGENT_MARK + body.replaceAll(/@([A-Z]+)@/g, (place, name: string) => values[name] ?? place)
}

/** Control characters, halves of characters, and what XML 1.0 does not know. */
const NO_XML = /[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/u

/** Text between two tags. @throws TypeError for what no agent can hold */
function escapeXml(text: string): string {
  if (NO_XML.test(text)) throw new TypeError('an agent cannot hold control characters')
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
