/** Prints the steps of the demo, and remembers whether each really happened. */
export class Stage {
  #number = 0
  #failed = 0

  /** A heading for what follows. */
  step(title: string): void {
    this.#number += 1
    console.log(`\n${this.#number}. ${title}`)
  }

  /** Shows what a person would see. */
  show(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`   ${line}`)
  }

  /** States a fact; a false one fails the demo. */
  check(fact: string, isTrue: boolean): void {
    if (!isTrue) this.#failed += 1
    console.log(`   ${isTrue ? 'ok' : 'NOT TRUE'}: ${fact}`)
  }

  /** Exit status: 0 when every fact was true. */
  end(): number {
    console.log(
      this.#failed === 0 ? '\nEvery step happened.' : `\n${this.#failed} facts were not true.`,
    )
    return this.#failed === 0 ? 0 : 1
  }
}
