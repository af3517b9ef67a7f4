/** How this process was started. */
export interface Start {
  readonly environment: NodeJS.ProcessEnv
  /** What Node was told on its command line. */
  readonly nodeArguments: readonly string[]
  /** Where a debugger may connect; `undefined` when nobody listens. */
  readonly inspectorAddress: string | undefined
  /** Node takes us for a worker of a cluster, because of NODE_UNIQUE_ID. */
  readonly isWorker: boolean
}

/** Options of Node with which others see what we hold, each with what it does. */
const HOSTILE: readonly (readonly [option: RegExp, does: string])[] = [
  [/^--(?:inspect|debug)/, 'opens a debugger'],
  [
    /^(?:-r|--require|--import|--loader|--experimental-loader|--snapshot-blob)$/,
    'loads other code',
  ],
  // what stands in such a file is in neither of the places that are looked at here
  [/^--experimental-(?:policy|(?:default-)?config-file)$/, 'loads other code'],
  // a configuration of OpenSSL names libraries
  [/^--openssl-(?:shared-)?config$/, 'loads other code'],
  [/^--(?:heapsnapshot|heap-prof|abort-on-uncaught-exception)/, 'writes our memory to disk'],
  [/^--(?:experimental-)?report/, 'writes our environment to disk'],
  [/^--(?:tls-keylog|trace-tls)/, 'gives away what issuers send'],
  [/^--(?:insecure-http-parser|tls-min-v1\.[01])/, 'weakens TLS or HTTP'],
]

/** Variables of Node and of its OpenSSL that do the same, whatever their value. */
const HOSTILE_VARIABLES: readonly (readonly [name: string, does: string])[] = [
  ['NODE_DEBUG', 'prints what issuers send'],
  ['NODE_DEBUG_NATIVE', 'prints what issuers send'],
  ['OPENSSL_CONF', 'loads other code'],
  ['OPENSSL_MODULES', 'loads other code'],
]

/**
 * Why a daemon must not run as it was started; `undefined` when nothing speaks against it.
 * It keeps shells that debug or trace every program from doing so with this one. Who wants
 * to get past it can: code that was loaded before us can change anything.
 */
export function hostileStart(start: Start): string | undefined {
  if (start.inspectorAddress !== undefined) return 'a debugger may connect to this process'
  // its sockets are its cluster's: it would wait for that for ever
  if (start.isWorker) return 'NODE_UNIQUE_ID makes this process a worker of a cluster'
  for (const word of start.nodeArguments) {
    const does = hostility(word)
    if (does !== undefined) return `"${optionOf(word)}" on the command line of node ${does}`
  }
  for (const word of splitOptions(start.environment['NODE_OPTIONS'] ?? '')) {
    const does = hostility(word)
    if (does !== undefined) return `"${optionOf(word)}" in NODE_OPTIONS ${does}`
  }
  for (const [name, does] of HOSTILE_VARIABLES)
    if ((start.environment[name] ?? '') !== '') return `${name} ${does}`
  if (start.environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    return 'NODE_TLS_REJECT_UNAUTHORIZED trusts everybody who calls himself an issuer'
  return undefined
}

function hostility(word: string): string | undefined {
  return HOSTILE.find(([option]) => option.test(optionOf(word)))?.[1]
}

/** Node takes an underscore for a dash; its short options may hold their value, as in `-r./file`. */
function optionOf(word: string): string {
  if (/^-r[^-]/.test(word)) return '-r'
  const [name = ''] = word.split('=', 1)
  return name.startsWith('--') ? name.replaceAll('_', '-') : name
}

/** Words as Node splits them: at blanks, except between double quotes, where a backslash escapes. */
function splitOptions(text: string): readonly string[] {
  return (text.match(/(?:"(?:\\.|[^"\\])*"|[^ "])+/g) ?? []).map((word) =>
    word.replaceAll(/\\(.)|"/g, '$1'),
  )
}
