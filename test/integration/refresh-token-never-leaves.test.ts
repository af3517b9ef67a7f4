import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FAULTS, type Fault } from '../issuers/faulty-proxy.ts'
import { startWorld, type World } from './world.ts'

/** All bytes that left the daemon and can be read without a key. */
async function everythingThatLeft(world: World, answers: readonly string[]): Promise<string> {
  const files = readdirSync(world.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(world.directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
  return [...answers, world.output(), ...files].join('\n')
}

/** The token itself, and how it would look inside JSON, a URL or base64. */
function disguises(token: string): readonly string[] {
  const bytes = Buffer.from(token)
  return [
    token,
    encodeURIComponent(token),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}

/** Remembers every refresh token that passes the proxy, before `fault` happens to the answer. */
function watch(seen: Set<string>, fault?: Fault): Fault {
  const remember = (body: string): void => {
    for (const [, token] of body.matchAll(/"refresh_token"\s*:\s*"([^"]+)"/g)) seen.add(token ?? '')
  }
  if (fault === undefined || fault.kind === 'rewrite')
    return {
      kind: 'rewrite',
      rewrite: (answer) => {
        remember(answer.body)
        return fault?.rewrite(answer) ?? answer
      },
    }
  if (fault.kind !== 'answer') return fault
  return {
    kind: 'answer',
    answer: (form) => {
      seen.add(form.get('refresh_token') ?? '')
      return fault.answer(form)
    },
  }
}

/** A token answer that is changed; `token` is the refresh token it carries. */
function changed(change: (token: string) => object, write = (json: string) => json): Fault {
  return {
    kind: 'rewrite',
    rewrite: (answer) => {
      const said = JSON.parse(answer.body) as Record<string, unknown>
      const token = said['refresh_token']
      if (typeof token !== 'string') return answer
      return { ...answer, body: write(JSON.stringify({ ...said, ...change(token) })) }
    },
  }
}

/** The same JSON with one letter of its texts as an escape. */
function withEscapes(json: string): string {
  return json.replaceAll(/[a-zA-Z](?=[^"]{3}[^"]*"[,}])/g, (letter) => {
    return `\\u00${letter.charCodeAt(0).toString(16)}`
  })
}

/** Answers that say the refresh token under other names, each of which goes on to callers. */
const REFRESH_TOKEN_EVERYWHERE: Readonly<Record<string, Fault>> = {
  everywhere: changed((token) => ({
    access_token: token,
    scope: token,
    id_token: token,
    token_type: token,
    [token]: token,
  })),
  accessToken: changed((token) => ({ access_token: token })),
  accessTokenWithMore: changed((token) => ({ access_token: `x${token}` })),
  accessTokenEscaped: changed((token) => ({ access_token: token }), withEscapes),
  scope: changed((token) => ({ scope: token })),
  scopeWithMore: changed((token) => ({ scope: `repo:read ${token}` })),
  scopeEscaped: changed((token) => ({ scope: token }), withEscapes),
  tokenType: changed((token) => ({ token_type: token })),
}

t.test(
  'no byte that leaves the daemon holds a refresh token, whatever the issuer answers',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    const faults: Readonly<Record<string, Fault | undefined>> = {
      nothing: undefined,
      ...FAULTS,
      ...REFRESH_TOKEN_EVERYWHERE,
    }
    const seen = new Set<string>()
    const left: string[] = []
    for (const [name, fault] of Object.entries(faults)) {
      const before = seen.size
      left.push(...(await askAboutEverything(world, name, seen, fault)))
      t.ok(seen.size > before, `${name}: there was something to look for`)
    }
    const all = await everythingThatLeft(world, left)
    t.notOk(holdsAny(all, seen), 'and none of it is anywhere')
    t.ok(all.length > 10_000, 'where there was enough to look through')
  },
)

t.test('a login is refused when its answer says the refresh token again', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const seen = new Set<string>()
  const left: string[] = []
  for (const [name, fault] of Object.entries(REFRESH_TOKEN_EVERYWHERE)) {
    const before = seen.size
    world.issuer.proxy.next(watch(seen, fault), 100)
    const failure = await world.login({ grant: name }).catch(String)
    t.match(failure, /the login failed/, name)
    t.ok(seen.size > before, `${name}: there was something to look for`)
    world.issuer.proxy.heal()
    left.push(
      JSON.stringify(failure),
      (await world.token({ grant: name })).text,
      (await world.ask('admin', 'GET', `/v1/grants/${name}`)).text,
    )
  }
  const all = await everythingThatLeft(world, left)
  t.notOk(holdsAny(all, seen), 'and none of it is anywhere')
})

/** The ID token of an answer, naming the refresh token as the person who logged in. */
const SUBJECT_IS_TOKEN: Fault = {
  kind: 'rewrite',
  rewrite: (answer) => {
    const said = JSON.parse(answer.body) as Record<string, unknown>
    const [head, payload = '', signature] = String(said['id_token']).split('.')
    if (signature === undefined) return answer
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const named = JSON.stringify({ ...claims, sub: said['refresh_token'] })
    const id_token = [head, Buffer.from(named).toString('base64url'), signature].join('.')
    return { ...answer, body: JSON.stringify({ ...said, id_token }) }
  },
}

t.test('a refresh token that is called the name of a person is none', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const seen = new Set<string>()
  world.issuer.proxy.next(watch(seen, SUBJECT_IS_TOKEN), 100)
  const detail = await world.login()
  world.issuer.proxy.heal()
  t.equal(seen.size, 1)
  t.notOk('subject' in detail)
  const left = [
    JSON.stringify(detail),
    (await world.ask('admin', 'GET', '/v1/grants')).text,
    (await world.run(['show', 'work'])).stdout,
  ]
  t.notOk(holdsAny(await everythingThatLeft(world, left), seen))
})

/** A login whose next exchange goes wrong, and every verb after it; all that was answered. */
async function askAboutEverything(
  world: World,
  grant: string,
  seen: Set<string>,
  fault: Fault | undefined,
): Promise<readonly string[]> {
  const { proxy } = world.issuer
  // the device login polls: only the poll that is answered brings a token
  proxy.next(watch(seen), 100)
  await world.login({ grant })
  proxy.heal()
  proxy.next(watch(seen, fault))
  const answers = [await world.token({ grant, purpose: 'canary' })]
  proxy.heal()
  proxy.next(watch(seen), 3)
  answers.push(
    await world.token({ grant, scope: 'repo:read' }),
    await world.token({ grant, export: 'refresh_token' }),
    await world.ask('broker', 'POST', '/v1/token', {
      body: { grant },
      headers: { accept: 'text/plain' },
    }),
    await world.ask('broker', 'GET', '/v1/grants'),
    await world.ask('admin', 'GET', '/v1/grants'),
    await world.ask('admin', 'GET', `/v1/grants/${grant}`),
    await world.ask('admin', 'GET', '/v1/status'),
    await world.ask('admin', 'POST', `/v1/grants/${grant}/revoke`),
    await world.token({ grant }),
  )
  proxy.heal()
  return answers.map((answer) => `${JSON.stringify(answer.headers)}${answer.text}`)
}

t.test(
  'no refresh token is in the arguments, the environment or the output of a process',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    const seen = new Set<string>()
    world.issuer.proxy.next(watch(seen), 100)
    await world.login()
    const runs = [
      await world.run(['token', 'work', '--json']),
      await world.run(['show', 'work']),
      await world.run(['list', '--json']),
      await world.run(['status', '--json']),
      await world.run(['revoke', 'work']),
      await world.run(['token', 'work']),
    ]
    const pid = world.daemonPid()
    const all = await everythingThatLeft(world, [
      ...runs.map((run) => run.stdout + run.stderr),
      readFileSync(`/proc/${pid}/environ`, 'latin1'),
      readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
    ])
    t.ok(seen.size >= 2, 'the login and the exchange were seen')
    t.notOk(holdsAny(all, seen), 'and neither token is anywhere')
  },
)

function holdsAny(text: string, tokens: ReadonlySet<string>): boolean {
  return [...tokens].flatMap(disguises).some((disguise) => text.includes(disguise))
}
