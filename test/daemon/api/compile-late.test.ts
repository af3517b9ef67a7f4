import fastify from 'fastify'
import t from 'tap'
import { compileLate } from '../../../daemon/api/compile-late.ts'

const STRICT = {
  type: 'object',
  additionalProperties: false,
  required: ['count'],
  properties: { count: { type: 'integer', minimum: 1 } },
} as const

t.test('what a schema refuses is refused, in the words of the validator', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  compileLate(app)
  const response = { 200: { type: 'object', properties: { count: { type: 'integer' } } } }
  app.post('/count', { schema: { body: STRICT, response } }, (request) => ({
    ...(request.body as object),
    secret: 'is not in the schema of the answer',
  }))
  const send = async (body: object): Promise<readonly [number, object]> => {
    const answer = await app.inject({ method: 'POST', url: '/count', payload: body })
    return [answer.statusCode, answer.json()]
  }
  t.same(await send({ count: 3 }), [200, { count: 3 }])
  t.match(await send({ count: '3' }), [400, { message: 'body/count must be integer' }])
  t.match(await send({ count: 0 }), [400, { message: 'body/count must be >= 1' }])
  t.match(await send({}), [400, { message: "body must have required property 'count'" }])
  t.match(await send({ count: 3, more: 1 }), [400, { message: /additional properties/ }])
  t.same(await send({ count: 4 }), [200, { count: 4 }], 'and nothing is left of it')
})

t.test('a schema that nobody needs is not looked at', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  compileLate(app)
  app.post('/broken', { schema: { body: { type: 'no such type' } } }, () => ({}))
  app.get('/well', () => ({}))
  t.equal((await app.inject('/well')).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/broken', payload: {} })).statusCode, 500)
})
