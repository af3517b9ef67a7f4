import { StringDecoder } from 'node:string_decoder'
import { typeKeys } from './typed-line.ts'
import { UsageError } from './usage-error.ts'
import type { Input, Output } from './world.ts'

/** What bytes that are no text come to, whichever they were. */
const NO_TEXT = '\ufffd'

/**
 * Asks a person for a line that nobody sees, not even as stars. The terminal is as it
 * was before however this ends: an answer, Ctrl-C, a signal, an error.
 *
 * @param stdin A terminal.
 * @returns undefined when Ctrl-C or `signal` ended the wait.
 * @throws UsageError when input ended before there was a line, or it was not UTF-8
 */
export async function typeSecret(
  stdin: Input,
  output: Output,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signal.aborted) return undefined
  // before the question: what is typed while it appears must not be seen either
  stdin.setRawMode?.(true)
  try {
    output.write(`${question}: `)
    return await line(stdin, signal)
  } finally {
    stdin.setRawMode?.(false)
    // the line break that was not shown either
    output.write('\n')
  }
}

async function line(stdin: Input, signal: AbortSignal): Promise<string | undefined> {
  const decoder = new StringDecoder('utf8')
  return await new Promise((resolve, reject) => {
    let text = ''
    const settle = (end: () => void): void => {
      stdin.off('data', onData).off('end', onEnd).off('error', onError)
      signal.removeEventListener('abort', onAbort)
      // a terminal that still is read from would keep the process alive
      stdin.pause()
      end()
    }
    const onEnd = (): void =>
      settle(() => reject(new UsageError('the input ended before the passphrase did')))
    const onError = (error: Error): void => settle(() => reject(error))
    const onAbort = (): void => settle(() => resolve(undefined))
    const onData = (chunk: Buffer): void => {
      const typed = typeKeys(text, decoder.write(chunk))
      if (typed.kind === 'typing') text = typed.text
      else if (typed.kind === 'interrupted') onAbort()
      else if (typed.kind === 'ended') onEnd()
      else
        settle(() => {
          // typed ahead, for the next question
          if (typed.rest !== '') stdin.unshift(Buffer.from(typed.rest))
          if (typed.text.includes(NO_TEXT)) reject(new UsageError('what was typed is not UTF-8'))
          else resolve(typed.text)
        })
    }
    stdin.on('data', onData).on('end', onEnd).on('error', onError)
    signal.addEventListener('abort', onAbort)
    stdin.resume()
  })
}
