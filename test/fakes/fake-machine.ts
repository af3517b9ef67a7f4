import type { Machine, ProgramRun } from '../../cli/service-machine.ts'

/** A machine in memory whose systemd does what it is told. */
export class FakeMachine implements Machine {
  readonly files = new Map<string, string>()
  readonly ran: string[] = []
  /** What a command line that begins so says, instead of nothing and 0. */
  readonly says = new Map<string, Partial<ProgramRun>>()
  /** What others than root can change. */
  open: readonly string[] = []
  /** Options that Node knows. */
  options: readonly string[] = []

  async program(): Promise<{ readonly node: string; readonly script: string }> {
    return { node: '/opt/node/bin/node', script: '/opt/grantd/main.js' }
  }

  async code(): Promise<readonly string[]> {
    return ['/opt/grantd/lib']
  }

  knowsOption(option: string): boolean {
    return this.options.includes(option)
  }

  async template(name: string): Promise<string> {
    return name.endsWith('.service') ? '[Service]\nExecStart=@EXEC@\n' : '[Socket]\n'
  }

  async read(path: string): Promise<string | undefined> {
    return this.files.get(path)
  }

  async changeable(path: string): Promise<string | undefined> {
    return this.open.find((open) => path.startsWith(open))
  }

  async write(path: string, text: string): Promise<void> {
    this.files.set(path, text)
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path)
  }

  async run(program: string, args: readonly string[]): Promise<ProgramRun> {
    const line = [program, ...args].join(' ')
    this.ran.push(line)
    const [, said] = [...this.says].find(([begin]) => line.startsWith(begin)) ?? []
    return { status: 0, stdout: '', stderr: '', ...said }
  }
}
