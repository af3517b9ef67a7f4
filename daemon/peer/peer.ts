/**
 * How far a caller's word about itself goes. `local` is an ordinary process of the
 * owner beside us; everything else gets nothing until a rule names it.
 */
export type PeerClass = 'local' | 'relay' | 'container' | 'root' | 'unidentified'

/**
 * The process at the other end of a socket. Uid and pid are the kernel's word about
 * who called connect(); the rest is read from /proc and advisory: a process can
 * replace its executable after connecting.
 */
export interface Peer {
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** Clock ticks since boot when the process started; absent when it could not be read. */
  readonly startTime?: string
  /** Absolute path; absent when it could not be read. */
  readonly executable?: string
  readonly class: PeerClass
}
