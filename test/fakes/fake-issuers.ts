import { Secret } from '../../daemon/base/secret.ts'
import type { IssuerMetadata } from '../../daemon/grant/grant.ts'
import type {
  DeletionAnswer,
  Discovery,
  IntrospectionAnswer,
  IssuerClient,
  IssuerFailure,
  Issuers,
  LoginAnswer,
  LoginAsk,
  LoginStart,
  RefreshAnswer,
  RefreshRequest,
  RegistrationAnswer,
  RevocationAnswer,
  TokenAnswer,
  TokenHint,
} from '../../daemon/issuer/issuer.ts'
import { deferred } from './deferred.ts'
import { ISSUER } from './sample-grant.ts'

/** How one refresh ends; gets the request, so that it can keep a successor or not. */
export type ScriptedRefresh = (request: RefreshRequest) => Promise<RefreshAnswer>

/** What a refresh of the issuer brings besides its token. */
export interface Rotation extends Partial<TokenAnswer> {
  /** False where the issuer keeps the refresh token. */
  readonly rotates?: boolean
}

/** A login that a test ends. */
export class FakeLogin {
  readonly ask: LoginAsk
  readonly #ended = deferred<LoginAnswer>()
  signal: AbortSignal | undefined

  constructor(ask: LoginAsk) {
    this.ask = ask
  }

  /** The person finished; the refresh token is `rt-login`. */
  approve(answer: Partial<TokenAnswer> = {}): void {
    this.end({
      kind: 'answered',
      refreshToken: Secret.fromText('rt-login'),
      answer: { accessToken: 'at-login', tokenType: 'Bearer', expiresInSeconds: 300, ...answer },
    })
  }

  end(answer: LoginAnswer): void {
    this.#ended.resolve(answer)
  }

  /** Nobody finishes it: it breaks with an error that no issuer should throw. */
  break(error: Error): void {
    this.#ended.reject(error)
  }

  finished(signal: AbortSignal): Promise<LoginAnswer> {
    this.signal = signal
    const cancel = (): void => this.end({ kind: 'cancelled' })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    return this.#ended.promise
  }
}

/**
 * An issuer that rotates at every refresh, `rt-2`, `rt-3` and so on, until a test
 * queues another end with `next`.
 */
export class FakeIssuers implements Issuers {
  readonly steps: string[]
  /** Refresh tokens in the order in which they were spent. */
  readonly spent: string[] = []
  readonly requests: RefreshRequest[] = []
  /** Refresh tokens in the order in which they were revoked. */
  readonly revoked: string[] = []
  readonly revokedAccessTokens: string[] = []
  readonly logins: FakeLogin[] = []
  readonly #script: ScriptedRefresh[] = []
  revocation: RevocationAnswer = { kind: 'revoked' }
  /** What is said of one token instead. */
  readonly revocations = new Map<string, RevocationAnswer>()
  introspection: IntrospectionAnswer = { kind: 'inactive' }
  readonly introspections = new Map<string, IntrospectionAnswer>()
  discovery: Exclude<Discovery, { kind: 'found' }> | undefined
  loginStart: IssuerFailure | undefined
  loginSeconds = 600
  /** `issuer`: a new client each time, managed by `rat-1`, `rat-2` and so on. */
  registration: RegistrationAnswer | 'issuer' = 'issuer'
  /** Whether its metadata offers registration. */
  registersClients = false
  deletion: DeletionAnswer = { kind: 'deleted' }
  /** Where clients were deleted, and with which token. */
  readonly deleted: string[] = []
  readonly initialAccessTokens: (string | undefined)[] = []
  #registrations = 0
  #rotations = 1

  constructor(steps: string[] = []) {
    this.steps = steps
  }

  /** The next refresh without an earlier one ends so. */
  next(refresh: ScriptedRefresh | RefreshAnswer): void {
    this.#script.push(typeof refresh === 'function' ? refresh : async () => refresh)
  }

  /** A refresh that works. */
  readonly rotate = async (
    request: RefreshRequest,
    { rotates = true, ...changes }: Rotation = {},
  ): Promise<RefreshAnswer> => {
    this.#rotations += 1
    const number = this.#rotations
    if (rotates)
      await request.keepSuccessor({
        refreshToken: Secret.fromText(`rt-${number}`),
        expiresInSeconds: 300,
      })
    const answer = {
      accessToken: `at-${number}`,
      tokenType: 'Bearer' as const,
      expiresInSeconds: 300,
      ...changes,
    }
    return { kind: 'answered', answer, hasSuccessor: rotates }
  }

  async discover(issuer: string): Promise<Discovery> {
    this.steps.push('discover')
    if (this.discovery !== undefined) return this.discovery
    const more = this.registersClients ? { registration_endpoint: `${ISSUER}/reg` } : {}
    return { kind: 'found', metadata: { issuer, token_endpoint: `${ISSUER}/token`, ...more } }
  }

  stated(metadata: IssuerMetadata): Discovery {
    this.steps.push('stated')
    return this.discovery ?? { kind: 'found', metadata }
  }

  async refresh(request: RefreshRequest): Promise<RefreshAnswer> {
    this.steps.push('send')
    this.requests.push(request)
    this.spent.push(request.refreshToken.reveal())
    return await (this.#script.shift() ?? this.rotate)(request)
  }

  startDeviceLogin(ask: LoginAsk): Promise<LoginStart> {
    return this.#start(ask, { userCode: 'ABCD', verificationUri: `${ISSUER}/device` })
  }

  startBrowserLogin(ask: LoginAsk): Promise<LoginStart> {
    return this.#start(ask, { authorizationUri: `${ISSUER}/auth` })
  }

  async revoke(_: IssuerClient, token: Secret, hint: TokenHint): Promise<RevocationAnswer> {
    this.steps.push(hint === 'refresh_token' ? 'revoke' : 'revoke access token')
    const value = token.reveal()
    if (hint === 'refresh_token') this.revoked.push(value)
    else this.revokedAccessTokens.push(value)
    return this.revocations.get(value) ?? this.revocation
  }

  async register(_: IssuerMetadata, token: Secret | undefined): Promise<RegistrationAnswer> {
    this.steps.push('register')
    this.initialAccessTokens.push(token?.reveal())
    return this.registration === 'issuer' ? this.#newClient() : this.registration
  }

  async deleteClient(managementUri: string, token: Secret): Promise<DeletionAnswer> {
    this.steps.push('delete client')
    this.deleted.push(`${managementUri} ${token.reveal()}`)
    return this.deletion
  }

  #newClient(): RegistrationAnswer {
    this.#registrations += 1
    return {
      kind: 'registered',
      clientId: `registered-${this.#registrations}`,
      managementUri: `${ISSUER}/reg/${this.#registrations}`,
      registrationToken: Secret.fromText(`rat-${this.#registrations}`),
    }
  }

  async introspect(_: IssuerClient, token: Secret, hint: TokenHint): Promise<IntrospectionAnswer> {
    const value = token.reveal()
    const answer = this.introspections.get(value) ?? this.introspection
    if (answer.kind !== 'unavailable')
      this.steps.push(hint === 'refresh_token' ? 'introspect' : 'introspect access token')
    return answer
  }

  async #start(ask: LoginAsk, shown: object): Promise<LoginStart> {
    this.steps.push('start login')
    if (this.loginStart !== undefined) return this.loginStart
    const login = new FakeLogin(ask)
    this.logins.push(login)
    return {
      kind: 'started',
      login: {
        ...shown,
        expiresInSeconds: this.loginSeconds,
        finished: (signal) => login.finished(signal),
      },
    }
  }
}
