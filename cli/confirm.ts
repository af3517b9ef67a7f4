import type { Input, Output } from './world.ts'

/**
 * Asks a person; the end of input means no, and an empty line what `usual` says.
 *
 * @returns undefined when `signal` ended the wait.
 */
export async function confirm(
  stdin: Input,
  output: Output,
  question: string,
  signal: AbortSignal,
  usual: 'yes' | 'no' = 'yes',
): Promise<boolean | undefined> {
  output.write(`${question} ${usual === 'yes' ? '[Y/n]' : '[y/N]'} `)
  const line = await firstLine(stdin, signal)
  if (signal.aborted) {
    output.write('\n')
    return undefined
  }
  const word = line?.trim()
  return word === '' ? usual === 'yes' : word !== undefined && /^y(es)?$/i.test(word)
}

/** One question only: what stands after the first line is lost. */
function firstLine(stdin: Input, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const finish = (line: string | undefined): void => {
      stdin.off('data', onData).off('end', onEnd)
      signal.removeEventListener('abort', onEnd)
      // A terminal that still is read from would keep the process alive.
      stdin.pause()
      resolve(line)
    }
    const onData = (chunk: Buffer | string): void => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end !== -1) finish(text.slice(0, end))
    }
    const onEnd = (): void => finish(undefined)
    stdin.on('data', onData).on('end', onEnd)
    signal.addEventListener('abort', onEnd)
    if (signal.aborted) onEnd()
  })
}
