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

/** An answer that calls the refresh token an access token's type, scope and lifetime too. */
const REFRESH_TOKEN_EVERYWHERE: Fault = {
  kind: 'rewrite',
  rewrite: (answer) => {
    const body = JSON.parse(answer.body) as Record<string, unknown>
    const token = body['refresh_token']
    return {
      ...answer,
      body: JSON.stringify({
        ...body,
        scope: token,
        id_token: token,
        token_type: token,
        [String(token)]: token,
      }),
    }
  },
}

t.test(
  'no byte that leaves the daemon holds a refresh token, whatever the issuer answers',
  async (t) => {
    const faults: Readonly<Record<string, Fault | undefined>> = {
      nothing: undefined,
      ...FAULTS,
      refreshTokenEverywhere: REFRESH_TOKEN_EVERYWHERE,
    }
    for (const [name, fault] of Object.entries(faults))
      await t.test(name, async (t) => {
        const world = await startWorld()
        t.teardown(() => world.close())
        const seen = new Set<string>()
        const { proxy } = world.issuer
        // the device login polls: only the poll that is answered brings a token
        proxy.next(watch(seen), 100)
        await world.login()
        proxy.heal()
        proxy.next(watch(seen, fault))
        const answers = [await world.token({ grant: 'work', purpose: 'canary' })]
        proxy.heal()
        proxy.next(watch(seen), 3)
        answers.push(
          await world.token({ grant: 'work', scope: 'repo:read' }),
          await world.token({ grant: 'work', accept: 'text/plain' }),
          await world.ask('broker', 'POST', '/v1/token', {
            body: { grant: 'work' },
            headers: { accept: 'text/plain' },
          }),
          await world.ask('broker', 'GET', '/v1/grants'),
          await world.ask('admin', 'GET', '/v1/grants'),
          await world.ask('admin', 'GET', '/v1/grants/work'),
          await world.ask('admin', 'GET', '/v1/status'),
        )
        const runs = [
          await world.run(['token', 'work', '--json']),
          await world.run(['show', 'work']),
          await world.run(['revoke', 'work']),
          await world.run(['token', 'work']),
        ]
        const environment = readFileSync(`/proc/${world.daemonPid()}/environ`, 'latin1')
        const argv = readFileSync(`/proc/${world.daemonPid()}/cmdline`, 'latin1')
        const left = await everythingThatLeft(world, [
          ...answers.map((answer) => `${JSON.stringify(answer.headers)}${answer.text}`),
          ...runs.map((run) => run.stdout + run.stderr),
          environment,
          argv,
        ])
        t.ok(seen.size > 0, 'there was something to look for')
        for (const token of seen)
          for (const disguise of disguises(token))
            t.notOk(left.includes(disguise), 'not to be found')
      })
  },
)
