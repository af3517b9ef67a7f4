import type { Provider } from 'oidc-provider'

interface OidcProviderModule {
  readonly Provider: typeof Provider
  readonly errors: { readonly InvalidTarget: new () => Error }
}

/**
 * Loads oidc-provider without its notices: it tells every importer that Node 20
 * is old and that its example pages are examples, which is what a test wants.
 */
export async function loadOidcProvider(): Promise<OidcProviderModule> {
  for (const level of ['info', 'warn'] as const) {
    // biome-ignore lint/suspicious/noConsole: the console is what has to be filtered
    const write = console[level].bind(console)
    console[level] = (...words: readonly unknown[]) => {
      if (!String(words[0]).includes('oidc-provider ')) write(...words)
    }
  }
  return import('oidc-provider')
}
