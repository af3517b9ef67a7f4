import { locateSockets, type SocketSurroundings, socketPaths } from '@grantd/client'
import t from 'tap'

const linux: SocketSurroundings = {
  env: {},
  uid: 1000,
  home: '/home/me',
  tmpdir: '/tmp',
  platform: 'linux',
  isDirectory: (path) => path === '/run/user/1000',
}

const cases: readonly (readonly [string, Partial<SocketSurroundings>, string, string])[] = [
  [
    'GRANTD_SOCK comes first',
    { env: { GRANTD_SOCK: '/a/b.sock', XDG_RUNTIME_DIR: '/x' } },
    '/a/b.sock',
    '/a/admin.sock',
  ],
  [
    'the admin socket can be elsewhere',
    { env: { GRANTD_SOCK: '/a/b.sock', GRANTD_ADMIN_SOCK: '/c/d.sock' } },
    '/a/b.sock',
    '/c/d.sock',
  ],
  [
    'then XDG_RUNTIME_DIR',
    { env: { GRANTD_SOCK: '', XDG_RUNTIME_DIR: '/x' } },
    '/x/grantd/broker.sock',
    '/x/grantd/admin.sock',
  ],
  [
    'what root has set up comes before',
    { env: { XDG_RUNTIME_DIR: '/x' }, isDirectory: (path) => path === '/run/grantd/1000' },
    '/run/grantd/1000/broker.sock',
    '/run/grantd/1000/admin.sock',
  ],
  [
    'but not before GRANTD_SOCK',
    { env: { GRANTD_SOCK: '/a/b.sock' }, isDirectory: () => true },
    '/a/b.sock',
    '/a/admin.sock',
  ],
  [
    'a relative XDG_RUNTIME_DIR is ignored',
    { env: { XDG_RUNTIME_DIR: 'x' } },
    '/run/user/1000/grantd/broker.sock',
    '/run/user/1000/grantd/admin.sock',
  ],
  [
    'without /run/user the temporary directory',
    { isDirectory: () => false },
    '/tmp/grantd-1000/broker.sock',
    '/tmp/grantd-1000/admin.sock',
  ],
  [
    'macOS looks in the home directory, and never at /run',
    { platform: 'darwin', home: '/Users/me', isDirectory: () => true },
    '/Users/me/Library/Application Support/grantd/run/broker.sock',
    '/Users/me/Library/Application Support/grantd/run/admin.sock',
  ],
  [
    'on macOS too XDG_RUNTIME_DIR comes before',
    { platform: 'darwin', env: { XDG_RUNTIME_DIR: '/x' } },
    '/x/grantd/broker.sock',
    '/x/grantd/admin.sock',
  ],
]

for (const [name, change, broker, admin] of cases)
  t.test(name, async (t) => {
    const paths = locateSockets({ ...linux, ...change })
    t.match(paths, { broker, admin, directory: broker.slice(0, broker.lastIndexOf('/')) })
  })

t.test('a process reads its own surroundings', async (t) => {
  const env = { ...process.env }
  t.teardown(() => Object.assign(process.env, env))
  for (const name of ['GRANTD_SOCK', 'GRANTD_ADMIN_SOCK', 'XDG_RUNTIME_DIR'])
    delete process.env[name]
  t.match(socketPaths().broker, /grantd(-\d+)?\/broker\.sock$/)
})
