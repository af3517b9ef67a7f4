import { createRequire } from 'node:module'
import { hardenProcess } from './harden-process.ts'

/** First line of the child's input; for `set` the secret's bytes follow it. */
export interface ChildRequest {
  readonly op: 'get' | 'set' | 'delete'
  readonly service: string
  readonly account: string
  /** Milliseconds after which the child ends itself, should nobody have done it. */
  readonly dieAfterMs: number
}

/** First line of the child's output; for `value` the secret's bytes follow it. */
export type ChildReply =
  | { readonly kind: 'value' | 'done' | 'none' }
  | { readonly kind: 'failed'; readonly reason: string }

type Keytar = typeof import('@github/keytar')

// A program, not a library: `keychain.ts` runs it and takes only its types.
process.on('SIGUSR1', () => undefined)
hardenProcess()
const input: Buffer[] = []
for await (const chunk of process.stdin) input.push(chunk as Buffer)
try {
  const all = Buffer.concat(input)
  const end = all.indexOf('\n')
  const request = JSON.parse(all.toString('utf8', 0, end)) as ChildRequest
  // process.exit() would wait for the thread that hangs, so it has to be a signal.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), request.dieAfterMs)
  await perform(request, all.subarray(end + 1))
} catch (error) {
  reply({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
}

async function perform(request: ChildRequest, secret: Buffer): Promise<void> {
  const { op, service, account } = request
  const keytar = createRequire(import.meta.url)('@github/keytar') as Keytar
  if (op === 'set') {
    // As text, because the library cuts a value at its first NUL.
    await keytar.setPassword(service, account, secret.toString('base64'))
    reply({ kind: 'done' })
  } else if (op === 'get') {
    const value = await keytar.getPassword(service, account)
    if (value === null) reply({ kind: 'none' })
    else reply({ kind: 'value' }, Buffer.from(value, 'base64'))
  } else {
    reply({ kind: (await keytar.deletePassword(service, account)) ? 'done' : 'none' })
  }
}

function reply(head: ChildReply, secret: Buffer = Buffer.alloc(0)): void {
  const line = Buffer.from(`${JSON.stringify(head)}\n`)
  process.stdout.write(Buffer.concat([line, secret]), () => process.exit(0))
}
