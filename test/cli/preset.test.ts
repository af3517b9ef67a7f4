import t from 'tap'
import { BARE_PRESET } from '../fakes/bare-preset.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

t.test('list names them', async (t) => {
  const list = { presets: [{ preset: 'as', origin: 'built_in', title: 'AS' }] }
  const script = { 'admin GET /v1/presets': () => ok(list) }
  t.match(await session(t, ['preset', 'list'], script), {
    exit: 0,
    stdout: 'PRESET  FROM    ISSUER\nas      grantd  AS\n',
    stderr: '',
  })
  const json = await session(t, ['preset', 'list', '--json'], script)
  t.same(JSON.parse(json.stdout), list)
})

t.test('show tells one', async (t) => {
  const script = { 'admin GET /v1/presets/as': () => ok(BARE_PRESET) }
  const shown = await session(t, ['preset', 'show', 'as'], script)
  t.match(shown, { exit: 0, stdout: /^preset +as\nissuer +AS\nfrom +you\n/ })
  t.same(
    JSON.parse((await session(t, ['preset', 'show', 'as', '--json'], script)).stdout),
    BARE_PRESET,
  )
  const none = { 'admin GET /v1/presets/no': () => problem('invalid_request', 'no preset "no"') }
  t.match(await session(t, ['preset', 'show', 'no'], none), { exit: 2, stderr: /no preset "no"/ })
})

t.test('wrong arguments are told', async (t) => {
  for (const args of [[], ['add'], ['list', 'x'], ['show'], ['show', 'a', 'b']])
    t.match(await session(t, ['preset', ...args]), { exit: 2, stdout: '' }, args.join(' '))
})
