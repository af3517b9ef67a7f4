import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startWorld } from './world.ts'

interface Verdict {
  readonly ok: boolean
  readonly head: string
  readonly anchor?: string
  readonly findings: readonly { readonly kind: string; readonly line: number }[]
}

/** The lines with one of them changed, and each behind it tied to the one before anew: all that is wrong is the key. */
function chainedAnew(lines: readonly string[], at: number, forged: string): readonly string[] {
  const kept = [...lines.slice(0, at), forged]
  for (const line of lines.slice(at + 1)) {
    const before = createHash('sha256')
      .update(`${kept.at(-1)}\n`, 'latin1')
      .digest('hex')
    kept.push(
      line.replace(/"prev":"[0-9a-f]{64}"(?=,"mac":"[0-9a-f]{32}"\}$)/, `"prev":"${before}"`),
    )
  }
  return kept
}

t.test('whatever is done to a log on disk is found and named', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  for (let i = 0; i < 5; i++) await world.token({ grant: 'work' })
  const directory = join(world.stateDirectory, 'audit')
  const [name = ''] = readdirSync(directory)
  const path = join(directory, name)
  const whole = readFileSync(path, 'latin1')
  const lines = whole.trimEnd().split('\n')
  const verify = async (...more: string[]): Promise<Verdict & { status: number | null }> => {
    const { status, stdout } = await world.run(['audit', 'verify', '--json', ...more])
    return { ...(JSON.parse(stdout) as Verdict), status }
  }
  const good = await verify()
  t.match(good, { ok: true, status: 0, findings: [] })
  const at = lines.findIndex((line) => line.includes('"token.issued"'))
  const issued = lines[at] ?? ''
  for (const [kind, line, forged] of [
    ['changed', at + 1, lines.with(at, issued.replace('"local"', '"relay"'))],
    [
      'changed',
      lines.length,
      lines.with(lines.length - 1, (lines.at(-1) ?? '').replace('"local"', '"relay"')),
    ],
    ['removed', at + 1, lines.toSpliced(at, 1)],
    ['removed', lines.length, lines.slice(0, -1)],
    ['inserted', at + 2, lines.toSpliced(at + 1, 0, issued.replace('"local"', '"relay"'))],
    ['reordered', at + 2, lines.with(at, lines[at + 1] ?? '').with(at + 1, issued)],
  ] as const) {
    writeFileSync(path, `${forged.join('\n')}\n`)
    const { findings, status } = await verify()
    t.equal(status, 1, kind)
    t.ok(
      findings.some((found) => found.kind === kind && found.line === line),
      `${kind} ${line}: ${JSON.stringify(findings)}`,
    )
  }
  const relayed = issued.replace('"local"', '"relay"')
  writeFileSync(path, `${chainedAnew(lines, at, relayed).join('\n')}\n`)
  const { findings } = await verify()
  t.same(
    findings.flatMap(({ kind, line }) => (kind === 'forged' ? line : [])),
    lines.flatMap((_, index) => (index >= at && index < lines.length - 1 ? index + 1 : [])),
    'a chain that was made anew without the key: each of its lines is named',
  )
  t.ok(findings.some(({ kind, line }) => kind === 'changed' && line === lines.length))
  writeFileSync(path, whole)
  t.match(await verify(), { ok: true }, 'what was put back is whole again')

  await world.kill()
  writeFileSync(path, `${lines.slice(0, at).join('\n')}\n`)
  rmSync(join(world.stateDirectory, 'audit.key'))
  await world.restart()
  t.match(await verify(), { ok: false, findings: [{ kind: 'new_key' }] })
  const anchored = await verify('--anchor', good.head)
  t.notOk(anchored.ok)
  t.match(anchored.anchor, /absent|differs/, 'a head that was kept tells of an end cut off')
})
