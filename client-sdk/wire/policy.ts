/** One of the two configuration files, `GET /v1/policy`. */
export interface PolicyFile {
  readonly level: 'system' | 'user'
  readonly path: string
  /** As `sha256sum` prints it; absent where there is no file, or none that may be read. */
  readonly sha256?: string
  /** With path, line and column. */
  readonly problem?: string
}

/** Answer of `GET /v1/policy`: what is in force. */
export interface PolicyStatus {
  readonly files: readonly PolicyFile[]
  /** Whether rules of the user's file refuse or are tried out; absent while a file is broken. */
  readonly mode?: 'enforce' | 'audit'
  /** In the order of the files, the system's first; empty while one is broken. */
  readonly rules: readonly {
    readonly level: 'system' | 'user'
    readonly name: string
    readonly effect: string
  }[]
}

/** Body of `POST /v1/policy/check`. */
export interface PolicyCheckRequest {
  /** Text of a configuration file. */
  readonly text: string
  /** Whose file it is to be; default `user`. */
  readonly level?: 'system' | 'user'
}

/** Answer of `POST /v1/policy/check`. */
export interface PolicyCheckResponse {
  /** How many rules it has; absent when it is broken. */
  readonly rules?: number
  /** The first problem; absent when there is none. */
  readonly problem?: { readonly line: number; readonly column: number; readonly message: string }
}

/** Body of `POST /v1/policy/explain`: a process, by `pid` or by what it would be, and a token. */
export interface PolicyExplainRequest {
  readonly grant: string
  readonly scope?: string
  readonly audience?: string
  /** A process of the owner that runs; else `executable` is needed. */
  readonly pid?: number
  readonly executable?: string
  readonly executable_sha256?: string
  readonly unit?: string
  /** Default `local`. */
  readonly class?: 'local' | 'relay' | 'container' | 'root' | 'unidentified'
  /** Default: that of whoever asks. */
  readonly gid?: number
  /** Default `broker`, and `capability` with a capability. */
  readonly listener?: 'broker' | 'capability'
  readonly capability?: string
  /** Default: now. */
  readonly at?: string
}

/** Answer of `POST /v1/policy/explain`. */
export interface PolicyExplanation {
  /** Who the question was about. */
  readonly peer: {
    readonly class: string
    readonly gid: number
    readonly pid?: number
    readonly executable?: string
    readonly executable_sha256?: string
    readonly unit?: string
  }
  readonly decision: 'allow' | 'deny'
  /** The rule that decides; `built-in` for what needs no file. */
  readonly rule: string
  /** Why not. */
  readonly reason?: string
  /** Code that a request would be answered with. */
  readonly code?: string
  /** Rules that narrow it. */
  readonly limits?: readonly string[]
  /** The scope a token would have, unless the issuer cannot narrow it. */
  readonly scope?: string
  readonly max_lifetime?: number
  /** `never`, `once`, `always`, or a duration such as `15m`. */
  readonly consent?: string
  readonly rates?: readonly {
    readonly rule: string
    readonly tokens: number
    readonly seconds: number
  }[]
  readonly offline?: boolean
  /** What rules that are tried out would have refused. */
  readonly would_deny?: { readonly rule: string; readonly reason: string }
  /** What became of every rule. */
  readonly rules: readonly {
    readonly level: string
    readonly name: string
    readonly effect: string
    readonly verdict: string
    readonly why: string
  }[]
}
