import t from 'tap'
import { openableAddress, openBrowser } from '../../cli/browser.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

t.test('https, and http on this machine, reach a browser', async (t) => {
  const cases: [string, string][] = [
    ['https://as.example/a?b=c d', 'https://as.example/a?b=c%20d'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['http://localhost/x', 'http://localhost/x'],
    ['http://[::1]:1/', 'http://[::1]:1/'],
  ]
  for (const [address, safe] of cases) t.equal(openableAddress(address), safe)
})

t.test('nothing else does: it could start another program', async (t) => {
  const refused = [
    undefined,
    '',
    '/device',
    '--help',
    'as.example/device',
    'http://as.example/',
    'http://127.0.0.1.as.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ssh://host',
    'https://user:pass@as.example/',
    'https://user@as.example/',
    'https://',
  ]
  for (const address of refused) {
    const world = new FakeWorld()
    t.equal(await openBrowser(world, address), false, `${address}`)
    t.same(world.started, [])
  }
})

t.test('the program depends on the platform, the address is one argument', async (t) => {
  const address = 'https://as.example/?a=$(id)&b=;id'
  for (const [platform, program] of [
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
  ] as const) {
    const world = new FakeWorld({ platform })
    t.equal(await openBrowser(world, address), true)
    t.same(world.started, [[program, address]])
  }
})
