/** The part of oidc-provider 9 the test issuer uses; the package ships no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface ProviderContext {
    status: number
    readonly method: string
    readonly path: string
    readonly req: IncomingMessage & { body?: string }
    body: unknown
    readonly oidc?: {
      readonly route?: string
      readonly params?: Readonly<Record<string, unknown>>
      readonly client?: { readonly clientId: string }
      readonly account?: { readonly accountId: string }
    }
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    use(middleware: (context: ProviderContext, next: () => Promise<void>) => Promise<void>): void
    callback(): (request: IncomingMessage, response: ServerResponse) => void
  }

  export const errors: { readonly InvalidTarget: new () => Error }
}
