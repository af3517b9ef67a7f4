import { createServer } from 'node:http'

/** A bare server that answers any request with the bytes it was started with: `node baseline-server.js SOCKET ANSWER`. */
const [socketPath = '', answer = ''] = process.argv.slice(2)
process.umask(0o077)
createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    })
    response.end(answer)
  })
}).listen(socketPath, () => process.stdout.write('listening\n'))
