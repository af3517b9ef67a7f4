import fc from 'fast-check'
import t from 'tap'
import { type DialogueEnd, PinentryDialogue } from '../../../daemon/consent/pinentry-dialogue.ts'
import type { Prompt } from '../../../daemon/consent/prompt.ts'

const PROMPT: Prompt = {
  text: 'Program: x\nGrant: "work"',
  choices: ['once', { seconds: 900 }],
  tty: '/dev/pts/3',
}

/** Plays a well-behaved program; gives what it was told, and how it ended. */
function play(
  prompt: Prompt,
  confirm: string,
  flavor = 'curses',
  replies: Readonly<Record<string, string>> = {},
): { readonly told: readonly string[]; readonly end: DialogueEnd | undefined } {
  const dialogue = new PinentryDialogue(prompt, 60)
  const told: string[] = []
  let move = dialogue.hear(Buffer.from('OK Pleased to meet you\n'))
  while (move.end === undefined && move.say !== '') {
    told.push(move.say.trimEnd())
    const [name = ''] = move.say.split(/\s/)
    const usual: Readonly<Record<string, string>> = {
      GETINFO: `D ${flavor}\nOK`,
      CONFIRM: confirm,
      GRANTDPROBE: 'ERR 536871187 Unknown IPC command',
    }
    move = dialogue.hear(Buffer.from(`${replies[name] ?? usual[name] ?? 'OK'}\n`))
  }
  return { told, end: move.end }
}

t.test('the question is put with three buttons where there are three', async (t) => {
  t.same(play(PROMPT, 'OK'), {
    told: [
      'GETINFO flavor',
      'OPTION ttyname=/dev/pts/3',
      'OPTION ttytype=xterm',
      'SETTIMEOUT 60',
      'SETTITLE grantd',
      'SETDESC Program: x%0AGrant: "work"',
      'SETOK Allow once',
      'SETNOTOK Allow for 15 minutes...',
      'SETCANCEL Deny',
      'GRANTDPROBE',
      'CONFIRM',
    ],
    end: { kind: 'allowed', choice: 'once' },
  })
})

t.test('with two buttons the one yes is what the rule gives, and says so', async (t) => {
  for (const flavor of ['gnome3', 'fake', 'efl', 'curses2', '']) {
    const { told, end } = play(PROMPT, 'OK', flavor)
    t.ok(told.includes('SETOK Allow for 15 minutes'), flavor)
    t.notOk(told.some((line) => line.startsWith('SETNOTOK')))
    t.same(end, { kind: 'allowed', choice: { seconds: 900 } })
  }
  const { told, end } = play({ ...PROMPT, choices: ['once'] }, 'OK')
  t.ok(told.includes('SETOK Allow once'))
  t.notOk(told.some((line) => line.startsWith('SETNOTOK')))
  t.same(end, { kind: 'allowed', choice: 'once' })
  for (const flavor of ['curses', 'tty', 'gtk2', 'qt', 'qt5', 'gnome3:curses'])
    t.ok(play(PROMPT, 'OK', flavor).told.includes('SETOK Allow once'), flavor)
})

t.test('everything but OK is no yes', async (t) => {
  const cases: readonly [reply: string, kind: string, flavor?: string][] = [
    ['ERR 83886179 Operation cancelled <Pinentry>', 'denied'],
    ['ERR 83886278 Operation fully cancelled', 'denied'],
    ['ERR 83886194 Not confirmed <Pinentry>', 'wider'],
    // they say of a cancel what others say of the middle button
    ['ERR 83886194 Not confirmed <Pinentry>', 'denied', 'gnome3'],
    ['ERR 83886142 Timeout <Pinentry>', 'timeout'],
    ['ERR 83918950 Inappropriate ioctl for device <Pinentry>', 'unavailable'],
    ['S ERROR curses.isatty 83918950\nERR 83918950 x', 'unavailable'],
    ['ERR 0', 'unavailable'],
    ['OKAY', 'unavailable'],
    ['yes', 'unavailable'],
    ['OK\nOK', 'unavailable'],
    ['OK\nxxx', 'unavailable'],
    ['ERR 83886194 x\nOK', 'unavailable'],
  ]
  for (const [reply, kind, flavor] of cases)
    t.equal(play(PROMPT, reply, flavor).end?.kind, kind, `${reply} ${flavor}`)
})

t.test('a program may not know what does not matter', async (t) => {
  const err = 'ERR 536871187 Unknown IPC command'
  const replies = { GETINFO: err, OPTION: err, SETTIMEOUT: err, SETTITLE: err, SETCANCEL: err }
  t.match(play(PROMPT, 'OK', '', replies).end, { kind: 'allowed' })
  for (const name of ['SETDESC', 'SETOK', 'SETNOTOK'])
    t.match(play(PROMPT, 'OK', 'tty', { [name]: err }).end, {
      kind: 'unavailable',
      reason: `pinentry: error 536871187 to ${name}`,
    })
})

t.test('a program that says OK to everything has not asked anybody', async (t) => {
  t.match(play(PROMPT, 'OK', 'tty', { GRANTDPROBE: 'OK' }).end, {
    kind: 'unavailable',
    reason: 'pinentry: it says OK to everything',
  })
  const ahead = new PinentryDialogue(PROMPT, 60)
  t.match(ahead.hear(Buffer.from('OK\n'.repeat(20))), {
    say: '',
    end: { kind: 'unavailable', reason: 'pinentry: it answers before it is asked' },
  })
  const half = new PinentryDialogue(PROMPT, 60)
  t.match(half.hear(Buffer.from('OK\nO')), { end: { kind: 'unavailable' } })
  const rude = new PinentryDialogue(PROMPT, 60)
  t.match(rude.hear(Buffer.from('ERR 1 go away\n')), {
    end: { kind: 'unavailable', reason: 'pinentry: it does not greet' },
  })
})

t.test('no bytes that were not asked for lead to a yes', async () => {
  const line = fc.constantFrom('OK', 'ERR 1', 'D curses', 'ERR 83886194 x', '# x', 'S x', 'x', '\0')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      // all at once, as from a program that does not read
      const dialogue = new PinentryDialogue(PROMPT, 60)
      const move = dialogue.hear(Buffer.from(lines.map((one) => `${one}\n`).join('')))
      return move.end?.kind !== 'allowed' && move.end?.kind !== 'wider'
    }),
    { numRuns: 1_000 },
  )
})

t.test('a text that cannot be sent is a mistake before anything is started', async (t) => {
  t.throws(() => new PinentryDialogue({ ...PROMPT, text: '\u202e' }, 60), TypeError)
  t.throws(() => new PinentryDialogue({ ...PROMPT, text: 'x'.repeat(2_000) }, 60), TypeError)
})
