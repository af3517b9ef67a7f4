import t from 'tap'
import { loadOAuthLibrary } from '../../../daemon/issuer/oauth-library.ts'

t.test('the library is loaded once', async (t) => {
  const first = loadOAuthLibrary()
  t.equal(loadOAuthLibrary(), first)
  t.type((await first).refreshTokenGrant, 'function')
})
