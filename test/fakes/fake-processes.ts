import type { ProcessTable } from '../../daemon/peer/process-table.ts'

/** What `/proc` would say of one process. */
export interface FakeProcess {
  readonly startTime?: string
  readonly executable?: string
  readonly namespaces?: readonly (string | undefined)[]
}

/** A process table that a test writes itself; `self` is ours. */
export class FakeProcesses implements ProcessTable {
  readonly #processes = new Map<number | 'self', FakeProcess>()

  /** Starts a process, or puts another one in its place. */
  set(pid: number | 'self', process: FakeProcess): void {
    this.#processes.set(pid, process)
  }

  /** The process ends. */
  end(pid: number): void {
    this.#processes.delete(pid)
  }

  executable(pid: number): string | undefined {
    return this.#processes.get(pid)?.executable
  }

  startTime(pid: number): string | undefined {
    return this.#processes.get(pid)?.startTime
  }

  namespaces(pid: number | 'self'): readonly (string | undefined)[] {
    return this.#processes.get(pid)?.namespaces ?? [undefined, undefined, undefined]
  }
}
