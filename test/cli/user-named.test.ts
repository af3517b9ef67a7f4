import t from 'tap'
import { ServiceCommands } from '../../cli/service-commands.ts'
import { userNamed, userOnceNamed } from '../../cli/user-named.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

const LINES = new Map([
  ['alice', 'alice:x:1000:1000:Alice:/home/alice:/bin/sh\n'],
  ['1000', 'alice:x:1000:1000:Alice:/home/alice:/bin/sh\n'],
  ['root', 'root:x:0:0:root:/root:/bin/sh\n'],
  ['odd', 'a"b:x:1001:1001::/:/bin/sh\n'],
  ['broken', 'broken:x\n'],
])

async function named(user: string, find = userNamed): Promise<unknown> {
  const machine = new FakeMachine()
  for (const [name, stdout] of LINES) machine.says.set(`getent passwd -- ${name}`, { stdout })
  return await find(user, new ServiceCommands(machine, true))
}

t.test('a name and a number mean the same user', async (t) => {
  for (const user of ['alice', '1000']) t.same(await named(user), { name: 'alice', uid: 1000 })
})

t.test('nobody, root and a name that no unit can hold are refused', async (t) => {
  for (const [user, message] of [
    ['nobody-there', /there is no user "nobody-there"/],
    ['--version', /there is no user/],
    ['broken', /there is no user/],
    ['root', /root can read every daemon/],
    ['odd', /no service can be written for "a"b"/],
  ] as const)
    await t.rejects(named(user), { name: 'UsageError', message })
})

t.test('of whom only the number is left can still be named by it', async (t) => {
  t.same(await named('4711', userOnceNamed), { name: '4711', uid: 4711 })
  for (const user of ['alice', '1000'])
    t.same(await named(user, userOnceNamed), { name: 'alice', uid: 1000 })
  for (const user of ['nobody-there', '0', '-1', '01', '12345678901', '1e3', ''])
    await t.rejects(named(user, userOnceNamed), { name: 'UsageError', message: /there is no user/ })
})
