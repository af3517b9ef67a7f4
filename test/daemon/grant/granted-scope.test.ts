import fc from 'fast-check'
import t from 'tap'
import { grantedScope } from '../../../daemon/grant/granted-scope.ts'

const API = 'https://api.example'

t.test('only an audience of the login has a scope', async (t) => {
  const grant = { audiences: [API], scopes: { [API]: ['a'], 'https://other.example': ['b'] } }
  t.same(grantedScope(grant, API), ['a'])
  t.equal(grantedScope(grant, 'https://other.example'), undefined, 'no audience of the grant')
  t.equal(grantedScope(grant, undefined), undefined, 'no token without an audience was granted')
  t.equal(grantedScope({ audiences: [API], scopes: {} }, API), undefined, 'nothing is known of it')
  t.same(grantedScope({ audiences: [], scopes: { '': ['a'] } }, undefined), ['a'])
  t.equal(grantedScope({ audiences: [], scopes: { '': ['a'] } }, ''), undefined)
})

t.test('names that every object has are no audiences', async () => {
  const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
  fc.assert(
    fc.property(fc.constantFrom(...inherited), fc.boolean(), (audience, isListed) => {
      const grant = { audiences: isListed ? [audience] : [], scopes: { '': ['a'] } }
      return grantedScope(grant, audience) === undefined
    }),
  )
})
