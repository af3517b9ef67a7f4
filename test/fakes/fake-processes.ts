import type { ExecutableHashes } from '../../daemon/peer/executable-hash.ts'
import { isSameProcess, type ProcessStat } from '../../daemon/peer/parse-proc-stat.ts'
import type { HeldProcess, ProcessTable } from '../../daemon/peer/process-table.ts'

/** What `/proc` would say of one process. */
export interface FakeProcess {
  readonly startTime?: string
  readonly state?: string
  readonly parentPid?: number
  readonly terminal?: number
  /** Changes with every execve(). */
  readonly image?: string
  readonly executable?: string
  readonly namespaces?: readonly (string | undefined)[]
  readonly cgroup?: string
  readonly status?: string
}

/** A process table that a test writes itself; `self` is ours. */
export class FakeProcesses implements ProcessTable {
  /** What was asked of it, in order. */
  readonly asked: string[] = []
  /** Terminals of the owner, by their number. */
  readonly terminals = new Map<number, string>()
  /** How many processes are held. */
  held = 0
  /** Runs before each question. */
  before: (question: string) => void = () => undefined
  readonly #processes = new Map<number | 'self', FakeProcess>()

  /** Starts a process, or puts another one in its place. */
  set(pid: number | 'self', process: FakeProcess): void {
    this.#processes.set(pid, process)
  }

  /** The process goes on with some of its facts changed. */
  change(pid: number, changes: FakeProcess): void {
    this.#processes.set(pid, { ...this.#processes.get(pid), ...changes })
  }

  /** The process ends. */
  end(pid: number): void {
    this.#processes.delete(pid)
  }

  hold(pid: number): HeldProcess | undefined {
    const startTime = this.#ask('hold', pid)?.startTime
    if (startTime === undefined) return undefined
    this.held += 1
    const stat = (): ProcessStat | undefined => {
      const now = this.stat(pid)
      return now?.startTime === startTime ? now : undefined
    }
    return {
      stat,
      isStill: (seen) => isSameProcess(seen, stat()),
      release: () => {
        this.held -= 1
      },
    }
  }

  stat(pid: number): ProcessStat | undefined {
    const { startTime, ...facts } = this.#ask('stat', pid) ?? {}
    if (startTime === undefined) return undefined
    return { state: 'S', parentPid: 1, terminal: 0, image: '1 2 3', startTime, ...facts }
  }

  executable(pid: number): string | undefined {
    return this.#ask('executable', pid)?.executable
  }

  keepsRunning(pid: number, executable: string | undefined): () => boolean {
    return () => this.executable(pid) === executable
  }

  namespaces(pid: number | 'self'): readonly (string | undefined)[] {
    return this.#ask('namespaces', pid)?.namespaces ?? [undefined, undefined, undefined]
  }

  cgroup(pid: number): string | undefined {
    return this.#ask('cgroup', pid)?.cgroup
  }

  status(pid: number): string | undefined {
    return this.#ask('status', pid)?.status
  }

  terminal(device: number): string | undefined {
    return this.terminals.get(device)
  }

  #ask(question: string, pid: number | 'self'): FakeProcess | undefined {
    this.before(question)
    this.asked.push(question)
    return this.#processes.get(pid)
  }
}

/** Nothing has a hash. */
export const noHashes: ExecutableHashes = { hashOf: async () => undefined }
