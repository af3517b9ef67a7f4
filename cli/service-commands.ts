import type { Machine, ProgramRun } from './service-machine.ts'

/** The programs of a service manager: those that tell something, and those that change something. */
export class ServiceCommands {
  readonly #machine: Pick<Machine, 'run'>
  /** True: what would change something is told and not run. */
  readonly isDryRun: boolean
  readonly #lines: string[] = []

  constructor(machine: Pick<Machine, 'run'>, isDryRun: boolean) {
    this.#machine = machine
    this.isDryRun = isDryRun
  }

  /** Command lines that have changed something, or would have. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Runs what changes nothing. */
  async ask(program: string, ...args: readonly string[]): Promise<ProgramRun> {
    return await this.#machine.run(program, args)
  }

  /** Runs what changes something. @throws Error in the words of the program */
  async change(program: string, ...args: readonly string[]): Promise<void> {
    const line = [program, ...args].map(shellWord).join(' ')
    this.#lines.push(line)
    if (this.isDryRun) return
    const { status, stderr } = await this.#machine.run(program, args)
    if (status !== 0) throw new Error(`"${line}" failed: ${firstLine(stderr) || 'it says nothing'}`)
  }
}

/** What a program says first. */
export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}

/** As a shell takes it, so that a person can repeat the line. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
