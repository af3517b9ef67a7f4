import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startWorld } from './world.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const ROUTES = join(ROOT, 'daemon', 'api', 'routes')

/** Rows of the table of routes: listeners, method, path. */
const documented = [
  ...readFileSync(join(ROOT, 'docs', 'PROTOCOL.md'), 'utf8').matchAll(
    /^\| ((?:broker|admin|capability)(?:, (?:admin|capability))*) \| `([A-Z]+) (\/v1\/\S+)` \|/gm,
  ),
].map(([, listeners = '', method = '', path = '']) => ({
  listeners: listeners.split(', '),
  method,
  path,
}))

const inCode = readdirSync(ROUTES).flatMap((file) =>
  [
    ...readFileSync(join(ROUTES, file), 'utf8').matchAll(
      /\bapp\s*\.(get|post|put|patch|delete)(?:<[^(]*>)?\(\s*'([^']+)'/g,
    ),
  ].map(([, method = '', path = '']) => `${method.toUpperCase()} ${path}`),
)

t.test('every route of the code has its row, and every row its route', async (t) => {
  t.ok(documented.length >= 10, 'the table was found')
  t.same(new Set(documented.map(({ method, path }) => `${method} ${path}`)), new Set(inCode))
})

t.test('a route exists on the listeners of its rows and on no other', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  for (const { method, path } of documented)
    for (const listener of ['broker', 'admin'] as const) {
      const rows = documented.filter((row) => row.method === method && row.path === path)
      const isThere = rows.some((row) => row.listeners.includes(listener))
      const real = path
        .replace(':id', 'A'.repeat(22))
        .replace(':grant', 'nobody')
        .replace(':name', 'nobody')
      const answer = await world.ask(listener, method, real)
      t.equal(!answer.text.includes('no such route'), isThere, `${method} ${path} on ${listener}`)
    }
})
