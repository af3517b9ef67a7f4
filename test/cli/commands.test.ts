import t from 'tap'
import { COMMANDS } from '../../cli/commands.ts'
import { helpText } from '../../cli/text/help.ts'

t.test('every command has --json and a help that fits on a terminal', async (t) => {
  for (const [name, entry] of COMMANDS) {
    const { HELP, OPTIONS } = await entry.load()
    t.ok(Object.hasOwn(OPTIONS, 'json'), name)
    t.ok(HELP.usage.startsWith(`grantd ${name === 'logout' ? 'revoke' : name} `), name)
    t.match(HELP.example.line, /grantd \w+/)
    const widest = Math.max(
      ...helpText(HELP, OPTIONS)
        .split('\n')
        .map((line) => line.length),
    )
    t.ok(widest <= 100, `${name}: ${widest} columns`)
  }
})

t.test('no secret can stand on a command line', async (t) => {
  for (const [name, entry] of COMMANDS) {
    const { OPTIONS } = await entry.load()
    for (const [option, { type }] of Object.entries(OPTIONS)) {
      t.notOk(
        /secret|password|passphrase|rejected/.test(option) && type === 'string',
        `${name} --${option}`,
      )
    }
  }
})
