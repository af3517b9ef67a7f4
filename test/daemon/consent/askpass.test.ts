import { readFileSync } from 'node:fs'
import t from 'tap'
import { askpassPrompter } from '../../../daemon/consent/askpass.ts'
import type { Prompt } from '../../../daemon/consent/prompt.ts'
import { promptProgram } from '../../fakes/prompt-programs.ts'

const PROMPT: Prompt = {
  text: 'who asks\nfor what',
  choices: ['once', { seconds: 900 }],
  tty: undefined,
}
const never = new AbortController().signal
const fine = (): undefined => undefined

t.test('status 0 is the yes that the text names', async (t) => {
  const program = promptProgram(t, 'printf %s "$1" > "$0.text"; echo "$SSH_ASKPASS_PROMPT"; exit 0')
  const show = askpassPrompter({ SSH_ASKPASS: program.path, DISPLAY: ':1' }, fine)
  t.same(await show(PROMPT, never), { kind: 'allowed', choice: { seconds: 900 } })
  t.equal(
    readFileSync(`${program.path}.text`, 'utf8'),
    'who asks\nfor what\n\nYes means: Allow for 15 minutes',
  )
  const asking = promptProgram(
    t,
    '[ "$SSH_ASKPASS_PROMPT" = confirm ] && [ "$WAYLAND_DISPLAY" = w ]',
  )
  const confirm = askpassPrompter({ SSH_ASKPASS: asking.path, WAYLAND_DISPLAY: 'w' }, fine)
  t.match(await confirm(PROMPT, never), { kind: 'allowed' })
})

t.test('everything else is none', async (t) => {
  const cases: readonly [script: string, kind: string][] = [
    ['exit 1', 'denied'],
    ['echo yes; exit 255', 'denied'],
    ['kill -9 $$', 'unavailable'],
    ['while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done', 'unavailable'],
  ]
  for (const [script, kind] of cases) {
    const { path } = promptProgram(t, script)
    const show = askpassPrompter({ SSH_ASKPASS: path, DISPLAY: ':1' }, fine)
    t.equal((await show(PROMPT, never)).kind, kind, script)
  }
  const { path } = promptProgram(t, 'sleep 60')
  const show = askpassPrompter({ SSH_ASKPASS: path, DISPLAY: ':1' }, fine)
  t.same(await show(PROMPT, AbortSignal.timeout(100)), { kind: 'timeout' })
})

t.test('it is not tried where it could not be seen, or is somebody else’s', async (t) => {
  const { path } = promptProgram(t, 'touch "$0.started"; exit 0')
  const cases: readonly [NodeJS.ProcessEnv, RegExp, problem?: string][] = [
    [{}, /SSH_ASKPASS is not set/],
    [{ SSH_ASKPASS: '', DISPLAY: ':1' }, /SSH_ASKPASS is not set/],
    [{ SSH_ASKPASS: path }, /there is no desktop/],
    [{ SSH_ASKPASS: path, DISPLAY: '' }, /there is no desktop/],
    [{ SSH_ASKPASS: path, DISPLAY: ':1' }, /SSH_ASKPASS: it is bad/, 'it is bad'],
  ]
  for (const [environment, reason, problem] of cases)
    t.match(await askpassPrompter(environment, () => problem)(PROMPT, never), {
      kind: 'unavailable',
      reason,
    })
  t.throws(() => readFileSync(`${path}.started`))
})
