import { createRequire } from 'node:module'
import * as sdk from '@grantd/client'
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

t.test('it needs no other package', async (t) => {
  const manifest: unknown = createRequire(import.meta.url)('@grantd/client/package.json')
  t.notMatch(manifest, { dependencies: {} })
})
