import t, { type Test } from 'tap'
import { type PromptProgram, runPromptProgram } from '../../../daemon/consent/prompt-program.ts'
import { type PromptFixture, promptProgram } from '../../fakes/prompt-programs.ts'

const never = new AbortController().signal

function run(
  path: string,
  changes: Partial<PromptProgram> = {},
  signal: AbortSignal = never,
): ReturnType<typeof runPromptProgram> {
  return runPromptProgram(
    {
      path,
      arguments: [],
      environment: {},
      hear: () => ({ say: '', isOver: false }),
      ...changes,
    },
    signal,
  )
}

/** What was killed is gone a moment later. */
async function gone(t: Test, program: PromptFixture): Promise<void> {
  for (let tries = 0; tries < 1_000 && program.running().length > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(program.running(), [], 'nothing of it lives')
}

t.test('a conversation goes to and fro, and ends when we have enough', async (t) => {
  const program = promptProgram(t, 'echo one; read -r said; echo "$said $said"; sleep 60')
  let heard = ''
  const end = await run(program.path, {
    hear: (chunk) => {
      heard += chunk.toString()
      return { say: heard === 'one\n' ? 'two\n' : '', isOver: heard.includes('two two') }
    },
  })
  t.same(end, { kind: 'over' })
  t.equal(heard, 'one\ntwo two\n')
  await gone(t, program)
})

t.test('how it ended by itself', async (t) => {
  t.same(await run(promptProgram(t, 'exit 3').path), { kind: 'exited', status: 3 })
  t.same(await run(promptProgram(t, 'kill -9 $$').path), { kind: 'crashed', signal: 'SIGKILL' })
  t.match(await run('/nowhere/at/all'), { kind: 'failed', reason: 'cannot be started: ENOENT' })
  t.match(await run('/etc/passwd'), { kind: 'failed', reason: 'cannot be started: EACCES' })
})

t.test('what it wrote just before it ended is heard', async (t) => {
  let heard = ''
  await run(promptProgram(t, 'echo last').path, {
    hear: (chunk) => {
      heard += chunk.toString()
      return { say: '', isOver: false }
    },
  })
  t.equal(heard, 'last\n')
})

t.test('a program that ends and leaves another with its pipe is over all the same', async (t) => {
  const program = promptProgram(t, 'sleep 60 & echo $! >> "$0.pids"; exit 0')
  t.same(await run(program.path), { kind: 'exited', status: 0 })
  await gone(t, program)
})

t.test('it gets a way to the screen, and nothing else of ours', async (t) => {
  let heard = ''
  // the runner of the tests puts some of its own into every child, with long values
  const own = 'env | sed -n "s/^\\(_TAPJS_[A-Z_]*\\)=.*/\\1/p"'
  const script = `for name in $(${own}) NODE_OPTIONS; do unset "$name"; done; env`
  await run(promptProgram(t, script).path, {
    environment: {
      DISPLAY: ':1',
      XDG_RUNTIME_DIR: '/run/x',
      HOME: '/root',
      SECRET: 's',
      LD_PRELOAD: 'x',
    },
    more: { SSH_ASKPASS_PROMPT: 'confirm' },
    hear: (chunk) => {
      heard += chunk.toString()
      return { say: '', isOver: false }
    },
  })
  const names = heard.split('\n').map((line) => line.replace(/=.*/, ''))
  // a shell adds some of its own
  const added = new Set(['PWD', 'OLDPWD', 'SHLVL', '_', ''])
  t.same(
    names.filter((name) => !added.has(name)).toSorted((a, b) => (a < b ? -1 : 1)),
    ['DISPLAY', 'LANG', 'PATH', 'SSH_ASKPASS_PROMPT', 'XDG_RUNTIME_DIR'],
  )
  t.match(heard, 'PATH=/usr/bin:/bin\n')
})

t.test('arguments are no shell’s', async (t) => {
  let heard = ''
  await run(promptProgram(t, 'printf %s "$1"').path, {
    arguments: ['$(id); `id` | x'],
    hear: (chunk) => {
      heard += chunk.toString()
      return { say: '', isOver: false }
    },
  })
  t.equal(heard, '$(id); `id` | x')
})

t.test('megabytes are cut off', async (t) => {
  const program = promptProgram(t, 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done')
  let heard = 0
  const end = await run(program.path, {
    hear: (chunk) => {
      heard += chunk.length
      return { say: '', isOver: false }
    },
  })
  t.same(end, { kind: 'failed', reason: 'it writes too much' })
  t.ok(heard <= 16_384, String(heard))
  await gone(t, program)
})

t.test('a program that reads nothing fails, and is ended', async (t) => {
  const program = promptProgram(t, 'exec 0<&-; echo ready; sleep 60')
  const end = await run(program.path, { hear: () => ({ say: 'x\n', isOver: false }) })
  t.same(end, { kind: 'failed', reason: 'it does not read' })
  await gone(t, program)
})

t.test('an abort ends it and whatever it started, also what ignores signals', async (t) => {
  for (const script of [
    'echo up; sleep 60',
    'echo up; sleep 60 & echo $! >> "$0.pids"; wait',
    "trap '' INT TERM HUP; echo up; while :; do sleep 1; done",
  ]) {
    const program = promptProgram(t, script)
    const abort = new AbortController()
    const ended = run(
      program.path,
      {
        hear: () => {
          abort.abort()
          return { say: '', isOver: false }
        },
      },
      abort.signal,
    )
    t.same(await ended, { kind: 'aborted' }, script)
    await gone(t, program)
  }
  const aborted = AbortSignal.abort()
  t.same(await run('/nowhere', {}, aborted), { kind: 'aborted' }, 'nothing is started')
})
