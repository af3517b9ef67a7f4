export type { AccessToken } from './access-token.ts'
export type { AuthorizedFetchOptions, Fetch } from './authorized-fetch.ts'
export {
  type ClientOptions,
  createClient,
  type GrantdClient,
  type RejectedToken,
} from './client.ts'
export { type ConnectionOptions, type ConnectionRequest, GrantdConnection } from './connection.ts'
export type { PendingLoginPlace } from './grantd-error.ts'
export { isRetryable } from './is-retryable.ts'
export type * from './protocol.ts'
export { ERRORS, EXIT_UNREACHABLE, GrantdError, isErrorCode } from './protocol.ts'
export {
  locateSockets,
  type SocketPaths,
  type SocketSurroundings,
  socketPaths,
} from './socket-path.ts'
export type { AccessTokenRequest } from './token-request.ts'
export { GrantdUnreachableError, type UnreachableReason } from './unreachable.ts'
