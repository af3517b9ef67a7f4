import type { Head } from './chain.ts'
import { endOf } from './find-end.ts'
import type { LogEntry } from './log-directory.ts'
import { formatLogName } from './log-name.ts'

/** A file that has to go, and the last line in it. */
export interface Victim {
  readonly path: string
  readonly file: string
  readonly head: Head | undefined
}

/**
 * Which files have to go so that `room` more bytes fit: whole days, oldest first; only of the
 * day that is written to, some of its files. The newest file stays whatever happens.
 */
export function chooseVictims(
  files: readonly LogEntry[],
  room: number,
  totalBytes: number,
): readonly LogEntry[] {
  const newest = files.at(-1)
  let total = files.reduce((sum, { size }) => sum + size, room)
  let day: string | undefined
  const victims: LogEntry[] = []
  for (const file of files) {
    if (file === newest) break
    const isRestOfDay = file.name.day === day && day !== newest?.name.day
    if (total <= totalBytes && !isRestOfDay) break
    victims.push(file)
    total -= file.size
    day = file.name.day
  }
  return victims
}

/** What is put on record of a file before it goes. */
export function victimOf(file: LogEntry, uid: number): Victim {
  return {
    path: file.path,
    file: formatLogName(file.name),
    head: endOf(file, uid).lines[0]?.head,
  }
}
