import { cpSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { shortDirectory } from '../fakes/short-directory.ts'
import { kept } from './capability.ts'
import { COMMAND } from './command.ts'
import { startWorld, tokenOf } from './world.ts'

const ROOT = join(dirname(COMMAND), '..', '..')

/** What is installed, in a place of its own. */
function installed(t: Test): { readonly command: string; readonly take: () => void } {
  const place = shortDirectory(t)
  const bundle = join(place, 'dist', 'bundle')
  cpSync(dirname(COMMAND), bundle, { recursive: true })
  for (const name of ['package.json', 'presets'])
    cpSync(join(ROOT, name), join(place, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  return {
    command: join(bundle, 'grantd.js'),
    // those of the next version have other names
    take: () => rmSync(bundle, { recursive: true }),
  }
}

t.test('a daemon whose files an update takes away refreshes its grants all the same', async (t) => {
  const { command, take } = installed(t)
  const world = await startWorld({ ...kept(t), copy: command })
  t.teardown(() => world.close())
  await world.login()
  // one that has exchanged nothing yet
  await world.restart()
  // whoever starts a command twice takes several times as long as it to load the rest
  for (const _ of [1, 2]) t.equal((await world.run(['status'])).status, 0)
  take()
  tokenOf(await world.token({ grant: 'work' }))
  t.match((await world.ask('admin', 'GET', '/v1/grants')).body, {
    grants: [{ grant: 'work', state: 'active', generation: 2 }],
  })
})
