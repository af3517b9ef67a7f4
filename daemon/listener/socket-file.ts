import { lstatSync, unlinkSync } from 'node:fs'

/** Which file lies at a path. */
export interface SocketFile {
  readonly device: bigint
  readonly inode: bigint
  /** An inode is given to another file once it is free. */
  readonly bornAt: bigint
}

/** @returns `undefined` where nothing is. */
export function socketFile(path: string): SocketFile | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && { device: stats.dev, inode: stats.ino, bornAt: stats.birthtimeNs }
}

/**
 * Removes a file, unless another one lies there by now: that is somebody else's socket. One that
 * cannot be removed stays, as after a crash: the next start takes its place.
 */
export function removeSocketFile(path: string, file: SocketFile): void {
  try {
    if (isSame(socketFile(path), file)) unlinkSync(path)
  } catch {
    // its directory is gone, or not ours to write to any more: nobody waits for an answer
  }
}

function isSame(now: SocketFile | undefined, then: SocketFile): boolean {
  return now?.device === then.device && now.inode === then.inode && now.bornAt === then.bornAt
}
