import { ERRORS, EXIT_UNREACHABLE } from '@grantd/client'
import t from 'tap'
import { helpText, overviewText } from '../../../cli/text/help.ts'

t.test('the help of a command: usage, options, one example', async (t) => {
  const help = {
    usage: 'grantd feed CAT [OPTION]...',
    about: ['Feeds a cat.'],
    example: { line: 'grantd feed felix', text: 'feed one cat' },
  }
  const options = {
    amount: { type: 'string', value: 'GRAMS', text: 'how much' },
    slowly: { type: 'boolean', text: 'in small pieces' },
  } as const
  t.equal(
    helpText(help, options),
    `usage: grantd feed CAT [OPTION]...

Feeds a cat.

options:
  --amount GRAMS  how much
  --slowly        in small pieces
  --help          this text

example: feed one cat
  grantd feed felix
`,
  )
})

t.test('the overview explains every exit status', async (t) => {
  const text = overviewText('grantd COMMAND', new Map())
  const statuses = new Set([EXIT_UNREACHABLE, ...Object.values(ERRORS).map(({ exit }) => exit)])
  for (const status of statuses) t.match(text, new RegExp(`^ {2}${status} +\\w`, 'm'), `${status}`)
})
