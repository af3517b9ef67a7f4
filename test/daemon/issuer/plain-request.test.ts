import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { askPlainly, parseObject } from '../../../daemon/issuer/plain-request.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'
import { LOOPBACK_ROOM } from '../../issuers/log-in.ts'

t.test('an address that is not safe is sent nothing', async (t) => {
  const bearer = Secret.fromText('canary')
  for (const url of ['http://as.example/reg', 'as.example', 'https://a:b@as.example/']) {
    const { trace, body } = await askPlainly(LOOPBACK_ROOM, { url, method: 'DELETE', bearer })
    t.match(trace, { mayHaveLeft: false, reason: 'address is not https' })
    t.equal(body, undefined)
  }
})

t.test('a whole answer is given on, half of one is not', async (t) => {
  let length = '2'
  const server = await startCannedServer(() => ({
    body: '{}',
    headers: { 'content-length': length },
  }))
  t.teardown(() => server.close())
  const ask = () => askPlainly(LOOPBACK_ROOM, { url: server.origin, method: 'POST', json: {} })
  t.equal((await ask()).body?.toString(), '{}')
  t.equal(server.requests[0]?.headers.authorization, undefined)
  length = '9'
  const half = await ask()
  t.equal(half.body, undefined)
  t.match(half.trace, { mayHaveLeft: true, isComplete: false })
})

t.test('only an object is one', async (t) => {
  t.same(parseObject(Buffer.from('{"a":1}')), { a: 1 })
  for (const text of ['', '[]', 'null', '7', '{"canary'])
    t.equal(parseObject(Buffer.from(text)), undefined)
})
