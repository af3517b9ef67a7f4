/** Body of `POST /v1/capabilities`. */
export interface CapabilityRequest {
  readonly name: string
  readonly grant: string
  /** Space separated; omitted: everything granted for the audience. */
  readonly scope?: string
  /** Omitted: the grant's first audience, if it has any. */
  readonly audience?: string
  /** Seconds, 60 to 3,600. Default 300. */
  readonly max_ttl?: number
  /** Tokens in all; omitted: any number. */
  readonly uses?: number
  /** Seconds from now, up to 30 days. Default 12 hours. */
  readonly expires_in?: number
  /** Absolute path of the socket; omitted: beside the daemon's own. */
  readonly path?: string
  /** The capability ends with this process. */
  readonly bind_pid?: number
  /** Members of this group may use the socket too; needs `path`. */
  readonly gid?: number
}

/** How often a capability was used; a grant on `admin` has one of each of its own. */
export interface CapabilityUse {
  readonly name: string
  /** Tokens it gave. */
  readonly used: number
  /** Tokens it gives in all; absent: any number. */
  readonly uses?: number
}

/** A capability as the admin listener shows it; times are RFC 3339. */
export interface CapabilityDetail extends CapabilityUse {
  readonly grant: string
  readonly scope: string
  readonly audience?: string
  readonly max_ttl: number
  readonly created_at: string
  readonly expires_at: string
  /** Its socket. */
  readonly path: string
  readonly bound_pid?: number
  readonly gid?: number
}

/** `GET /v1/capabilities`. */
export interface CapabilityList {
  readonly capabilities: readonly CapabilityDetail[]
}
