import t from 'tap'
import { askClocks } from '../../../cli/doctor/ask-clocks.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'

const ISSUERS = ['https://a.example', 'https://b.example']

/** Stands for the child: a program of a few words. */
const child = (code: string): [string, ...string[]] => [process.execPath, '-e', code]

const silent = (reason: string) => ISSUERS.map(() => ({ kind: 'silent', reason }))

t.test('a real issuer is asked by a process of its own', async (t) => {
  const server = await startCannedServer(() => ({}))
  t.teardown(() => server.close())
  t.match(await askClocks([server.origin, 'ftp://as.example'], process.env), [
    { kind: 'date', offsetMs: Number },
    { kind: 'silent', reason: 'not an https address' },
  ])
})

t.test('where nobody is to be asked nothing is started', async (t) => {
  t.same(await askClocks([], {}, ['/nonexistent/node']), [])
})

t.test('its answer is taken at once, and then it is ended', async (t) => {
  const answers = silent('as it said')
  const code = `console.log(${JSON.stringify(JSON.stringify(answers))}); setInterval(() => {}, 1000)`
  t.same(await askClocks(ISSUERS, {}, child(code)), answers)
})

t.test('its arguments are the deadline of each and the issuers', async (t) => {
  const code = 'console.log(JSON.stringify([process.argv.slice(1), process.env.WORD]))'
  const said: unknown = await askClocks(ISSUERS, { WORD: 'passed on' }, child(code))
  t.same(said, [['3000', ...ISSUERS], 'passed on'])
})

t.test('a child that hangs, ends, floods or never starts', async (t) => {
  const hangs = child('setInterval(() => {}, 1000)')
  t.same(await askClocks(ISSUERS, {}, hangs, 200), silent('no answer in time'))
  for (const command of [
    child('process.exit(1)'),
    child('setInterval(() => process.stdout.write("x".repeat(10000)), 1)'),
    ['/nonexistent/node'] as const,
  ])
    t.same(await askClocks(ISSUERS, {}, command), silent('it cannot be asked'))
})
