import type { Grant } from '../grant/grant.ts'
import type { Peer } from '../peer/peer.ts'
import type { LocalTime } from './local-time.ts'

/** The rights a socket carries. */
export type ListenerRole = 'broker' | 'admin' | 'capability'

/** Who asks for a token of which grant, where and when. */
export interface PolicyQuestion {
  readonly peer: Peer
  /** SHA-256 of the peer's executable in hexadecimal; absent when nobody asked for it, or it could not be read. */
  readonly executableSha256?: string | undefined
  readonly listener: ListenerRole
  /** Name of the capability whose socket was used. */
  readonly capability?: string | undefined
  readonly grant: Grant
  /** Absent: everything that was granted. */
  readonly scope?: readonly string[] | undefined
  readonly audience: string | undefined
  readonly time: LocalTime
  /** True while the person lifted the rules that may be lifted, for this grant and class. */
  readonly isGlassBroken?: boolean
}
