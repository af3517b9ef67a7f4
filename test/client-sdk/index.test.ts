import { createRequire } from 'node:module'
import * as sdk from '@grantd/client'
import * as connection from '@grantd/client/connection'
import t from 'tap'

t.test('the package gives these names and no others', async (t) => {
  t.same(Object.keys(sdk).sort(), [
    'ERRORS',
    'EXIT_UNREACHABLE',
    'GrantdConnection',
    'GrantdError',
    'GrantdUnreachableError',
    'createClient',
    'isErrorCode',
    'isRetryable',
    'locateSockets',
    'socketPaths',
  ])
})

t.test('the connection alone gives these, and they are the same', async (t) => {
  t.same(Object.keys(connection).sort(), [
    'ERRORS',
    'EXIT_UNREACHABLE',
    'GrantdConnection',
    'GrantdError',
    'GrantdUnreachableError',
    'socketPaths',
  ])
  for (const [name, value] of Object.entries(connection))
    t.equal(value, new Map<string, unknown>(Object.entries(sdk)).get(name), name)
})

t.test('it needs no other package', async (t) => {
  const manifest: unknown = createRequire(import.meta.url)('@grantd/client/package.json')
  t.notMatch(manifest, { dependencies: {} })
})
