/** Connections to one listener in all: far above any real use, far below the usual descriptor limit. */
export const MAX_CONNECTIONS = 12_000

/** Connections of one process to one listener; a tool needs one, a parallel build some hundred. */
export const MAX_CONNECTIONS_PER_PID = 2_048

/** Headers come in one write; whoever needs longer is not a client of ours. */
export const HEADERS_TIMEOUT_MS = 5_000

/** A whole request is at most 64 KiB over a local socket. */
export const REQUEST_TIMEOUT_MS = 10_000

/** How long an idle connection is kept: longer than the pauses of an interactive tool. */
export const IDLE_TIMEOUT_MS = 300_000

/** Accept queue; short queues turn a burst of commands into refused connections. */
export const BACKLOG = 511

/** Different tokens that may wait for one grant's exchanges; each waits for all before it. */
export const MAX_WAITING_EXCHANGES = 64

/** Access tokens kept in memory; 100,000 take about 150 MiB. */
export const MAX_CACHED_TOKENS = 20_000

/** Remaining life below which a cached token is not handed out, unless its whole life is short. */
export const MIN_REMAINING_SECONDS = 30

/**
 * Longest life of an access token we reckon with, a year: an issuer's larger number is
 * a mistake, and one beyond the calendar must not break the inventory.
 */
export const MAX_ACCESS_TOKEN_SECONDS = 31_536_000

/** The life of a token whose issuer stated none: short, so that a token that ends early does little harm. */
export const UNSTATED_LIFETIME_SECONDS = 60

/** Pause between two exchanges that callers forced by reporting tokens as rejected. */
export const REJECTED_FLOOR_SECONDS = 10

/** Deadline of one request to an issuer. */
export const ISSUER_TIMEOUT_SECONDS = 10

/** How long a pending login may last at most, whatever the issuer says. */
export const MAX_LOGIN_SECONDS = 1_800

/** Pending logins in all; a person finishes one at a time. */
export const MAX_PENDING_LOGINS = 32

/** How long an ended login's outcome can still be asked for. */
export const LOGIN_OUTCOME_SECONDS = 120

/** Longest long poll for the progress of a login. */
export const MAX_LOGIN_WAIT_SECONDS = 25

/** Deadline of one question to the keychain; a person may not be there to unlock it. */
export const KEYCHAIN_DEADLINE_MS = 2_000
