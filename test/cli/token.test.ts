import { createHash } from 'node:crypto'
import t from 'tap'
import { TOKEN } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

const issued = { 'broker POST /v1/token': () => ok(TOKEN) }

t.test('stdout is the token and a newline, stderr is empty', async (t) => {
  const { exit, stdout, stderr, daemon } = await session(t, ['token', 'work'], issued)
  t.same([exit, stdout, stderr], [0, 'at-1\n', ''])
  t.match(daemon.seen, [{ listener: 'broker', body: { grant: 'work' } }])
  t.match(daemon.seen[0]?.headers, { host: 'grantd', 'grantd-client': /^grantd-cli\/\d/ })
})

t.test('every option reaches the daemon', async (t) => {
  const argv = 'token --issuer https://as.example --audience https://api.example --min-ttl 60'
  const more = ['--purpose', 'git fetch', '--scope', 'a', '--scope', 'b c', '--json']
  const { stdout, daemon } = await session(t, [...argv.split(' '), ...more], issued)
  t.same(daemon.seen[0]?.body, {
    issuer: 'https://as.example',
    audience: 'https://api.example',
    min_ttl: 60,
    purpose: 'git fetch',
    scope: 'a b c',
  })
  t.same(JSON.parse(stdout), TOKEN)
})

t.test('a refused token leaves as its SHA-256 only', async (t) => {
  const argv = ['token', 'work', '--rejected-stdin']
  const { daemon } = await session(t, argv, issued, { stdin: 'stale-token\n' })
  const hash = createHash('sha256').update('stale-token').digest('base64url')
  t.same(daemon.seen[0]?.body, { grant: 'work', rejected: hash })
})

t.test('a wrong command line asks nothing', async (t) => {
  const cases: [string[], string][] = [
    [[], 'the name of a grant is missing'],
    [['work', 'home'], 'unexpected argument "home"'],
    [['work', '--issuer', 'https://as.example'], 'the name of a grant or --issuer, not both'],
    [['work', '--min-ttl', 'soon'], '--min-ttl takes whole seconds'],
    [['work', '--min-ttl', '86401'], '--min-ttl takes whole seconds'],
    [['../x'], 'is no name of a grant'],
    [['work', '--raw'], 'unknown option "--raw"'],
  ]
  for (const [args, text] of cases) {
    const { exit, stdout, stderr, daemon } = await session(t, ['token', ...args], issued)
    t.same([exit, stdout, daemon.seen], [2, '', []], text)
    t.match(stderr, text)
    t.match(stderr, 'usage: grantd token GRANT')
  }
})

t.test('the help says what a scope and a lifetime depend on', async (t) => {
  const { exit, stdout } = await session(t, ['token', '--help'])
  t.equal(exit, 0)
  t.match(stdout, /--scope SCOPE .*--scope-narrowing honored/)
  t.match(stdout, /--min-ttl SECONDS .*as far as the issuer's lifetimes allow/)
})

t.test('a refusal is one line, its hint and its exit status', async (t) => {
  const refused = {
    'broker POST /v1/token': () =>
      problem('login_required', 'the grant "work" was revoked', { hint: 'grantd login work' }),
  }
  const { exit, stdout, stderr } = await session(t, ['token', 'work'], refused)
  t.same([exit, stdout], [3, ''])
  t.equal(stderr, 'grantd: the grant "work" was revoked\nhint: grantd login work\n')
})

t.test('what could break a header or a shell is not printed', async (t) => {
  for (const access_token of ['a\r\nX-Evil: 1', '', 'tok\u{202e}en', 7]) {
    const script = { 'broker POST /v1/token': () => ok({ ...TOKEN, access_token }) }
    const { exit, stdout, stderr } = await session(t, ['token', 'work'], script)
    t.same([exit, stdout], [6, ''])
    t.match(stderr, 'not an access token')
  }
})
