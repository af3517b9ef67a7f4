import t from 'tap'
import { BROKEN_GLASS } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

const script = {
  'admin POST /v1/break-glass': () => ok(BROKEN_GLASS),
  'admin DELETE /v1/break-glass/work': () => ok(BROKEN_GLASS),
}
const WHY = ['--reason', 'roll back', '--for', '15m']

t.test('what is lifted is said, and how to end it', async (t) => {
  const begun = await session(t, ['break-glass', 'work', ...WHY], script)
  t.same([begun.exit, begun.stderr], [0, ''])
  t.equal(
    begun.stdout,
    `for "work" and the class "local" these rules are lifted for 14:05: no writing
end it with: grantd break-glass --end work
`,
  )
  const ended = await session(t, ['break-glass', '--end', 'work'], script)
  t.match(ended.stdout, /^the rules hold again for "work"; 2 tokens left/)
  const json = await session(t, ['break-glass', 'work', ...WHY, '--json'], script)
  t.same(JSON.parse(json.stdout), BROKEN_GLASS)
})

t.test('a time and a class are sent as the wire has them', async (t) => {
  for (const [time, seconds] of [
    ['60s', 60],
    ['1m', 60],
    ['60m', 3_600],
    ['1h', 3_600],
  ] as const) {
    const args = ['break-glass', 'work', '--reason', 'x', '--for', time, '--class', 'relay']
    const { daemon } = await session(t, args, script)
    t.match(daemon.seen.at(-1), {
      body: { grant: 'work', reason: 'x', seconds, class: 'relay' },
    })
  }
})

t.test('what cannot be meant is refused here', async (t) => {
  for (const wrong of [
    [],
    ['work', 'home', ...WHY],
    ['../work', ...WHY],
    ['work', '--for', '15m'],
    ['work', '--reason', 'x'],
    ['work', '--reason', '', '--for', '15m'],
    ['work', '--reason', 'a\nb', '--for', '15m'],
    ['work', '--reason', 'x', '--for', '59s'],
    ['work', '--reason', 'x', '--for', '61m'],
    ['work', '--reason', 'x', '--for', '2h'],
    ['work', '--reason', 'x', '--for', 'soon'],
    ['work', ...WHY, '--class', 'root'],
    ['work', '--end', '--for', '15m'],
  ]) {
    const { exit, daemon } = await session(t, ['break-glass', ...wrong], script)
    t.equal(exit, 2, wrong.join(' '))
    t.same(daemon.seen, [])
  }
})

t.test('a no of the person is told as such', async (t) => {
  const refused = await session(t, ['break-glass', 'work', ...WHY], {
    'admin POST /v1/break-glass': () => problem('consent_denied', 'no'),
  })
  t.same([refused.exit, refused.stdout], [4, ''])
})
