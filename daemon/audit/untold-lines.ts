import { fragmentOf, TAIL_BYTES } from './find-end.ts'

/** Lines that nobody can read, behind one that is whole: the next may say that they were cut short. */
export class UntoldLines<L extends { readonly text: string }> {
  #lines: L[] = []
  #length = 0

  /** More than what is cut short can leave. */
  get isTooMuch(): boolean {
    return this.#length > TAIL_BYTES
  }

  add(line: L): void {
    this.#lines.push(line)
    this.#length += line.text.length + 1
  }

  /** All of them, in their order; there are none any more. */
  take(): readonly L[] {
    const lines = this.#lines
    this.#lines = []
    this.#length = 0
    return lines
  }

  /** True when they are what a daemon knows to have been cut short. */
  are(fragment: string | undefined): boolean {
    if (this.#lines.length === 0) return false
    const text = this.#text()
    // the line end may be the last that could be written
    return fragment === text || fragment === `${text}\n`
  }

  /** True when a line of the log says that they were cut short. */
  areToldBy(text: string): boolean {
    if (this.#lines.length === 0) return false
    const { bytes, sha256 } = fragmentOf(this.#text())
    return text.includes(`"event":"audit.torn","audit":{"bytes":${bytes},"sha256":"${sha256}"}`)
  }

  #text(): string {
    return this.#lines.map(({ text }) => text).join('\n')
  }
}
