import t from 'tap'
import { jwtPart } from '../../../daemon/issuer/jwt-part.ts'

const part = (text: string): string => Buffer.from(text).toString('base64url')

t.test('a part of a JWT is a JSON object in base64url', async (t) => {
  t.same(jwtPart(part('{"sub":"ada","é":[1]}')), { sub: 'ada', é: [1] })
  for (const text of ['', 'x', part('{'), part('[]'), part('null'), part('"a"'), part('7')])
    t.equal(jwtPart(text), undefined, text)
})
