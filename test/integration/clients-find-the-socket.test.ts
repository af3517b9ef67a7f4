import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locateSockets } from '@grantd/client'
import t from 'tap'
import { choosePaths } from '../../daemon/config/paths.ts'
import { needs } from '../needs.ts'
import { startProgram } from './command.ts'

const HELPER = join(import.meta.dirname, '..', '..', '..', 'integrations', 'grantd-token')

t.test('the daemon binds where every client looks', needs('sh'), async (t) => {
  const uid = process.getuid?.() ?? -1
  const directory = mkdtempSync(join(tmpdir(), 'grantd-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const temporary = join(directory, 'tmp')
  mkdirSync(temporary)
  const hasRuntime = statSync(`/run/user/${uid}`, { throwIfNoEntry: false })?.isDirectory() ?? false
  const ofSystem = (path: string): boolean => path === `/run/user/${uid}`
  const cases: readonly (readonly [name: string, env: NodeJS.ProcessEnv])[] = [
    ['a runtime directory', { XDG_RUNTIME_DIR: join(directory, 'run') }],
    ['a runtime directory that is not there', { XDG_RUNTIME_DIR: '/not/there' }],
    ['an empty runtime directory', { XDG_RUNTIME_DIR: '' }],
    ['a relative runtime directory', { XDG_RUNTIME_DIR: 'run' }],
    ['none at all', {}],
  ]
  for (const [name, env] of cases)
    for (const hasSystem of [true, false])
      for (const platform of ['linux', 'darwin'] as const) {
        const exists = (path: string): boolean => hasSystem && ofSystem(path)
        const machine = { uid, home: directory, platform }
        const { runtimeDirectory } = choosePaths(
          {},
          { ...machine, environment: env, temporaryDirectory: temporary, exists },
        )
        const client = locateSockets({ ...machine, env, tmpdir: temporary, isDirectory: exists })
        const what = `${name}, ${platform}`
        t.equal(client.broker, join(runtimeDirectory, 'broker.sock'), what)
      }
  for (const [name, env] of cases) {
    const { broker } = locateSockets({
      env,
      uid,
      home: directory,
      tmpdir: temporary,
      platform: process.platform,
      // the helper looks at the real machine: so must the expectation
      isDirectory: (path) => path === `/run/user/${uid}` && hasRuntime,
    })
    const environment = { PATH: process.env['PATH'], TMPDIR: temporary, ...env }
    const { stderr } = await startProgram('sh', [HELPER, 'work'], { environment, directory }).ended
    t.match(stderr, `no socket at ${broker}`, `${name}, grantd-token`)
  }
})

t.test('on macOS the helper looks in the home directory', needs('sh'), async (t) => {
  const home = t.testdir({ uname: '#!/bin/sh\necho Darwin\n' })
  chmodSync(join(home, 'uname'), 0o755)
  const environment = { PATH: `${home}:${process.env['PATH']}`, HOME: home }
  const { stderr } = await startProgram('sh', [HELPER, 'work'], { environment, directory: home })
    .ended
  const { broker } = locateSockets({
    env: {},
    uid: 1,
    home,
    tmpdir: '/tmp',
    platform: 'darwin',
    isDirectory: () => true,
  })
  t.match(stderr, `no socket at ${broker};`)
})
