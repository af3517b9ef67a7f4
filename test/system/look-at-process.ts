import { attached, compareError, outcomes, readError, takenDescriptor } from './reach-process.ts'

/** What whoever starts this can do with a process. */
export interface Reach {
  /** Of each of its files, `open` or the system's word for why not. */
  readonly files: Readonly<Record<string, string>>
  /** Numbers of errors, 0 where there was none. */
  readonly attached: readonly number[]
  readonly read: number
  readonly descriptor: number
  readonly compare: number
}

const pid = Number(process.argv[2])
const reach: Reach = {
  files: outcomes(pid),
  read: readError(pid),
  descriptor: takenDescriptor(pid),
  compare: compareError(pid),
  // last: it stops the process
  attached: attached(pid),
}
process.stdout.write(`${JSON.stringify(reach)}\n`)
