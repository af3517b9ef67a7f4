/** Connections in all, to both listeners: far above any real use; fewer where the descriptor limit is low. */
export const MAX_CONNECTIONS = 12_000

/** Connections of one process; a tool needs one, a parallel build some hundred. */
export const MAX_CONNECTIONS_PER_PID = 2_048

/**
 * File descriptors that no connection may take: Node and our own files have some 40,
 * the rest is for exchanges with issuers, records on their way to the disk, the
 * keychain's child, and connections that are being judged.
 */
export const RESERVED_DESCRIPTORS = 128

/** File descriptors without which a start makes no sense: 64 connections beside the reserve. */
export const MIN_DESCRIPTORS = 256

/**
 * Requests of one connection that have no answer yet. Answers keep their order, so a
 * client that pipelines gains nothing by more; the SDK spreads a thousand over its four.
 */
export const MAX_REQUESTS_PER_CONNECTION = 256

/** Requests of one process without an answer: a quarter of all, so that no process starves the rest. */
export const MAX_REQUESTS_PER_PID = 2_048

/** Requests without an answer in all; each takes some 7 KiB, so all of them below 64 MiB. */
export const MAX_REQUESTS = 8_192

/**
 * Token requests of one program for one grant that may come at once without any rule: a
 * build of a thousand steps that each ask some times over, and benches that do nothing else.
 */
export const REQUEST_BURST = 20_000

/**
 * The same in the long run: more than hands and builds ask, and at some 400 bytes on record
 * each a flood takes more than an hour to push older history out of the audit log.
 */
export const REQUESTS_PER_SECOND = 200

/** When an overloaded daemon may be asked again: most requests take milliseconds. */
export const OVERLOAD_RETRY_SECONDS = 1

/** Headers come in one write; whoever needs longer is not a client of ours. */
export const HEADERS_TIMEOUT_MS = 5_000

/** A whole request is at most 64 KiB over a local socket. */
export const REQUEST_TIMEOUT_MS = 10_000

/** How long an idle connection is kept: longer than the pauses of an interactive tool. */
export const IDLE_TIMEOUT_MS = 300_000

/** Capabilities in all: each is a socket that is listened at. */
export const MAX_CAPABILITIES = 256

/** How often is looked whether a capability is over, or the process that binds it. */
export const CAPABILITY_CHECK_MS = 1_000

/** Grants whose rules are lifted at the same time: an emergency is about one or two. */
export const MAX_BROKEN_GLASS = 16

/** How often is looked whether lifted rules are due again; a request finds out by itself. */
export const BREAK_GLASS_CHECK_MS = 1_000

/** Accept queue; short queues turn a burst of commands into refused connections. */
export const BACKLOG = 511

/** Different tokens that may wait for one grant's exchanges; each waits for all before it. */
export const MAX_WAITING_EXCHANGES = 64

/** Access tokens kept in memory, and renewed ahead; 100,000 take about 150 MiB. */
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

/** Pending logins that one process started; more and it only keeps others from starting theirs. */
export const MAX_PENDING_LOGINS_PER_PID = 4

/** How long an ended login's outcome can still be asked for. */
export const LOGIN_OUTCOME_SECONDS = 120

/** Longest long poll for the progress of a login. */
export const MAX_LOGIN_WAIT_SECONDS = 25

/** Long polls for one login: the command that started it and whoever joined it in other terminals. */
export const MAX_LONG_POLLS_PER_LOGIN = 32

/** Long polls in all: some for each pending login, and answering all at once takes milliseconds. */
export const MAX_LONG_POLLS = 256

/** When a long poll that found no room may be tried again; who logs in waits far longer. */
export const LONG_POLL_RETRY_SECONDS = 5

/** Deadline of one question to the keychain; a person may not be there to unlock it. */
export const KEYCHAIN_DEADLINE_MS = 2_000

/** The same where a person asked to unlock: the desktop may show a prompt, and they have to type. */
export const KEYCHAIN_PROMPT_MS = 60_000

/** Largest program that is hashed for a rule: a browser has half as much. */
export const MAX_HASHED_BYTES = 536_870_912

/** How long a hash may take; a large program off a slow disk takes some seconds, once. */
export const HASH_DEADLINE_MS = 10_000

/** Programs that are hashed at the same time: half of Node's threads stay free for records. */
export const MAX_HASHES_AT_ONCE = 2

/** Hashes kept; a machine has some hundred programs that ask for tokens. */
export const MAX_KNOWN_HASHES = 1_024

/**
 * How long a question may stand before a person: time to see it, read it and think. What
 * nobody answers is a no.
 */
export const PROMPT_SECONDS = 60

/** How long a prompt program may take to ask: a desktop that starts a window takes one or two. */
export const PROMPT_START_MS = 5_000

/** How long a question may wait for the one before it; with its own time, two minutes at most. */
export const PROMPT_QUEUE_SECONDS = 60

/** How long a no counts for more of the same: long enough that nobody is worn down, short enough for a slip. */
export const REFUSAL_SECONDS = 10

/** Questions that wait for a person, in all: more than anybody answers in the time they wait. */
export const MAX_PENDING_PROMPTS = 16

/** Questions of one program: a quarter of all, so that no program fills the queue. */
export const MAX_PROMPTS_PER_PROGRAM = 4

/** Requests that wait for one answer; a build of a thousand parallel steps asks once. */
export const MAX_WAITERS_PER_PROMPT = 1_024

/** Requests that wait for a person in all: half of all requests, so that the rest are served meanwhile. */
export const MAX_CONSENT_WAITERS = 4_096

/** What a person allowed and is remembered; some 500 bytes each. */
export const MAX_CONSENT_CHOICES = 4_096
/** Where a file of the audit log ends: a few hundred thousand records, weeks of real use in one day. */
export const MAX_AUDIT_FILE_BYTES = 67_108_864

/** The audit log in all: months of real use, a minute's work for whoever searches it. */
export const MAX_AUDIT_BYTES = 335_544_320

/** How long a line of the audit log waits for its signature: who takes the key can rewrite that much. */
export const AUDIT_SEAL_MS = 600_000

/** What one page of the audit log reads at most before it answers: some 20 ms. */
export const AUDIT_PAGE_SCAN_BYTES = 8_388_608

/** Text of the audit log in one answer: far below what a client reads, and sent in one go. */
export const AUDIT_PAGE_BYTES = 1_048_576

/** Records of issued tokens that habits are learnt from at a start; some weeks of a person's use. */
export const LEARNT_RECORDS = 10_000

/** How long a hook that is told of an anomaly may run: a mail is on its way by then. */
export const HOOK_DEADLINE_MS = 10_000

/** Anomalies that may wait for the hook: as many as are told in a minute. */
export const MAX_WAITING_HOOKS = 30
