import t from 'tap'
import { ServiceCommands } from '../../cli/service-commands.ts'
import { isOutdated } from '../../cli/systemd-outdated.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

t.test('one unit of which systemd has another text is enough', async (t) => {
  const machine = new FakeMachine()
  const ask = () => isOutdated(new ServiceCommands(machine, true), ['--user'], ['a', 'b'])
  for (const [stdout, expected] of [
    ['', false],
    ['NeedDaemonReload=no\n\nNeedDaemonReload=no\n', false],
    ['NeedDaemonReload=no\n\nNeedDaemonReload=yes\n', true],
  ] as const) {
    machine.says.set('systemctl --user show --property=NeedDaemonReload a b', { stdout })
    t.equal(await ask(), expected, stdout)
  }
})
