import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

/** A status and a JSON body. */
export interface SocketAnswer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
}

/** One request of a client of ours over a Unix socket. */
export async function askSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
): Promise<SocketAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const asked = request({
    socketPath,
    method,
    path,
    agent: false,
    headers: {
      Host: 'grantd',
      'Grantd-Client': 'test/1.0',
      ...(text !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
      }),
    },
  }).end(text)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return {
    status: answer.statusCode ?? 0,
    json: JSON.parse(Buffer.concat(chunks).toString()) as SocketAnswer['json'],
  }
}
