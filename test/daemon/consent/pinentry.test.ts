import t from 'tap'
import { pinentryPrompter } from '../../../daemon/consent/pinentry.ts'
import type { Prompt } from '../../../daemon/consent/prompt.ts'
import {
  assuanScript,
  type PromptFixture,
  promptProgram,
  UNTIL_ANSWERED,
} from '../../fakes/prompt-programs.ts'

const PROMPT: Prompt = { text: 'who asks', choices: ['once', 'process'], tty: undefined }
const never = new AbortController().signal

const prompter = ({ path }: Pick<PromptFixture, 'path'>, startMs = 5_000) =>
  pinentryPrompter({ program: () => ({ path }), environment: {}, seconds: 60, startMs })

t.test('an OK is the one yes', async (t) => {
  const program = promptProgram(t, assuanScript('echo OK'))
  t.same(await prompter(program)(PROMPT, never), { kind: 'allowed', choice: 'process' })
  t.ok(program.heard().includes('SETDESC who asks'))
  const no = promptProgram(t, assuanScript("echo 'ERR 83886179 cancelled'"))
  t.same(await prompter(no)(PROMPT, never), { kind: 'denied' })
})

t.test('the middle button allows nothing by itself', async (t) => {
  const NOT_CONFIRMED = 'ERR 83886194 Not confirmed'
  const cases: readonly [second: string, answer: object][] = [
    ['OK', { kind: 'allowed', choice: 'process' }],
    ['ERR 83886179 cancelled', { kind: 'denied' }],
    [NOT_CONFIRMED, { kind: 'denied' }],
    ['ERR 83886142 timeout', { kind: 'timeout' }],
  ]
  for (const [second, answer] of cases) {
    const program = promptProgram(t, assuanScript(UNTIL_ANSWERED, 'curses'))
    const asking = prompter(program)(PROMPT, never)
    await program.whenAsked(1)
    program.answer(NOT_CONFIRMED)
    await program.whenAsked(2)
    program.answer(second)
    t.same(await asking, answer, second)
    t.same(
      program.heard().filter((line) => /^SET(?:NOT)?OK/.test(line)),
      ['SETOK Allow once', 'SETNOTOK Allow for this process...', 'SETOK Allow for this process'],
    )
  }
})

t.test('a program that cannot ask is no answer, and why is told', async (t) => {
  const cases: readonly [script: string, reason: RegExp][] = [
    ['exit 1', /it ended with status 1/],
    ['kill -9 $$', /it ended by SIGKILL/],
    ['echo garbage', /it says what no pinentry says/],
    ['head -c 3000000 /dev/zero', /a line is too long|it writes too much/],
    ['while :; do echo "# x"; done', /it writes too much/],
    ['exec 0<&-; echo OK; sleep 60', /it does not read|it ended/],
    ['yes OK', /it answers before it is asked|it writes too much/],
    ["printf 'OK\\nOK\\nOK\\nOK\\n'; sleep 60", /it answers before it is asked/],
    ['while read -r x; do echo OK; done', /it does not answer/],
    ['echo OK; while read -r x; do echo OK; done', /it says OK to everything/],
    [assuanScript("echo 'ERR 83918950 Inappropriate ioctl'"), /error 83918950/],
    ['sleep 60', /it does not answer/],
  ]
  for (const [script, reason] of cases) {
    const program = promptProgram(t, script)
    const answer = await prompter(program, 400)(PROMPT, never)
    t.equal(answer.kind, 'unavailable', script)
    t.match(answer, { reason }, script)
    t.equal(program.asked(), script.includes('Inappropriate') ? 1 : 0, script)
  }
  const missing = prompter({ path: '/nowhere/pinentry' })
  t.match(await missing(PROMPT, never), { kind: 'unavailable', reason: /ENOENT/ })
  const none = pinentryPrompter({
    program: () => ({ problem: 'no pinentry is installed' }),
    environment: {},
    seconds: 60,
    startMs: 5_000,
  })
  t.same(await none(PROMPT, never), { kind: 'unavailable', reason: 'no pinentry is installed' })
})

t.test('a question that stood there and was closed is a no', async (t) => {
  for (const confirm of ['exit 0', 'exit 1', 'kill -2 $$', 'kill -9 $$'])
    t.same(
      await prompter(promptProgram(t, assuanScript(confirm)))(PROMPT, never),
      { kind: 'denied' },
      confirm,
    )
})

t.test('a question that is taken off the screen leaves nothing there', async (t) => {
  const program = promptProgram(t, assuanScript('sleep 60'))
  const withdrawal = new AbortController()
  const asking = prompter(program)(PROMPT, withdrawal.signal)
  await program.whenAsked()
  t.equal(program.running().length, 1)
  withdrawal.abort()
  t.same(await asking, { kind: 'timeout' })
  while (program.running().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(await prompter(program)(PROMPT, withdrawal.signal), { kind: 'timeout' })
  t.equal(program.asked(), 1, 'nothing is started')
})
