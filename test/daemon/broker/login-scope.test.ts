import t from 'tap'
import { loginScope } from '../../../daemon/broker/login-scope.ts'

t.test('a grant holds what was asked for and came, and the rest is named', async (t) => {
  const login = 'openid offline_access'
  const cases: readonly {
    readonly asked: string | undefined
    readonly scope?: readonly string[]
    readonly tokenScope?: readonly string[]
    readonly granted: readonly string[]
    readonly beyond?: readonly string[]
  }[] = [
    { asked: 'a b', scope: ['a', 'b'], granted: ['a', 'b'] },
    { asked: 'a b', scope: ['b'], granted: ['b'] },
    { asked: 'a b', granted: ['a', 'b'] },
    { asked: 'a', scope: ['a', 'admin'], granted: ['a'], beyond: ['admin'] },
    { asked: 'a', scope: ['admin'], granted: [], beyond: ['admin'] },
    { asked: 'a', tokenScope: ['a', 'admin'], granted: ['a'], beyond: ['admin'] },
    { asked: 'a', scope: ['a', 'x'], tokenScope: ['x', 'y'], granted: ['a'], beyond: ['x', 'y'] },
    { asked: `a ${login}`, scope: ['a', 'openid'], granted: ['a', 'openid'] },
    {
      asked: 'a',
      scope: ['a', 'openid', 'offline_access'],
      granted: ['a', 'openid', 'offline_access'],
    },
    { asked: undefined, scope: ['a', 'admin'], granted: ['a', 'admin'] },
    { asked: login, scope: ['openid', 'a'], granted: ['openid', 'a'] },
    { asked: login, granted: ['openid', 'offline_access'] },
    { asked: undefined, tokenScope: ['a'], granted: ['a'] },
    { asked: undefined, granted: [] },
  ]
  for (const { asked, granted, beyond = [], ...answer } of cases)
    t.same(loginScope(asked, answer), { granted, beyond }, JSON.stringify({ asked, ...answer }))
})
