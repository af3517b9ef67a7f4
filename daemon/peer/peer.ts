/**
 * How far a caller's word about itself goes. `local` is an ordinary process of the
 * owner beside us; everything else gets nothing until a rule names it.
 */
export type PeerClass = 'local' | 'relay' | 'container' | 'root' | 'unidentified'

/**
 * The process at the other end of a socket. Uid, gid and pid are the kernel's word about
 * who called connect(); the rest is read from /proc and advisory: code of the same uid
 * can make each of it say what it likes.
 */
export interface Peer {
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** Clock ticks since boot when the process started; absent when it could not be read. */
  readonly startTime?: string
  /** Differs with every program that the process executes, and from run to run of the same. */
  readonly image?: string
  /** Absolute path; absent when it could not be read or is not UTF-8. */
  readonly executable?: string
  /** The systemd unit it runs in, of the system or of a user, such as `backup.service`. */
  readonly unit?: string
  /** Its pid inside its own pid namespace, where that is not ours. */
  readonly nsPid?: number
  /** Its controlling terminal, such as `/dev/pts/3`, where it is one of the owner's. */
  readonly tty?: string
  readonly class: PeerClass
}

/** A process further up, as it was when somebody asked. */
export interface Ancestor {
  readonly pid: number
  readonly executable?: string
}

/**
 * What is too dear for every connection: read when somebody looks first, then kept for as
 * long as the connection lives. As advisory as the rest.
 */
export interface PeerInquiry {
  /** Parent, grandparent and so on, eight at most; none when the process is gone. */
  ancestors(): readonly Ancestor[]
  /**
   * SHA-256 of the program in hexadecimal. An interpreter's, where a script was started.
   *
   * @returns `undefined` when it cannot be told, or when the process became another one
   *   meanwhile.
   */
  executableHash(): Promise<string | undefined>
}
