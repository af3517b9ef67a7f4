import t from 'tap'
import { firstLine, ServiceCommands } from '../../cli/service-commands.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

t.test('what changes something is told, as a shell takes it', async (t) => {
  const machine = new FakeMachine()
  const commands = new ServiceCommands(machine, false)
  machine.says.set('ask', { stdout: 'yes\n' })
  t.match(await commands.ask('ask', 'it'), { status: 0, stdout: 'yes\n' })
  await commands.change('do', 'it now', '', "don't", '/a/b-c_d:e')
  t.same(commands.lines, ["do 'it now' '' 'don'\\''t' /a/b-c_d:e"])
  t.same(machine.ran, ['ask it', "do it now  don't /a/b-c_d:e"])
})

t.test('a dry run asks, and changes nothing', async (t) => {
  const machine = new FakeMachine()
  const commands = new ServiceCommands(machine, true)
  await commands.ask('ask')
  await commands.change('do')
  t.same(commands.lines, ['do'])
  t.same(machine.ran, ['ask'])
})

t.test('what fails says why, or that it does not', async (t) => {
  const machine = new FakeMachine()
  const commands = new ServiceCommands(machine, false)
  machine.says.set('do a', { status: 1, stderr: '\nno bus\nmore\n' })
  machine.says.set('do b', { status: undefined })
  await t.rejects(commands.change('do', 'a'), { message: '"do a" failed: no bus' })
  await t.rejects(commands.change('do', 'b'), { message: '"do b" failed: it says nothing' })
  t.equal(firstLine(''), '')
})
