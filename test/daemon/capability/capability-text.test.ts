import t from 'tap'
import { formatCapability, parseCapability } from '../../../daemon/capability/capability-text.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'

t.test('a capability comes back as it was written', async (t) => {
  const whole = sampleCapability()
  t.same(parseCapability(formatCapability(whole)), whole)
  const { audience: _audience, uses: _uses, gid: _gid, ...least } = whole
  t.same(parseCapability(formatCapability(least)), least)
})

t.test('a file that is not whole, or says something unknown, is none', async (t) => {
  const text = formatCapability(sampleCapability())
  const members = JSON.parse(text) as Record<string, unknown>
  for (const broken of [
    '',
    text.slice(0, -10),
    'null',
    '[]',
    '"ci"',
    JSON.stringify({ ...members, format: 2 }),
    JSON.stringify({ ...members, more: 1 }),
    JSON.stringify({ ...members, bound: { pid: 1, startTime: '1' } }),
    JSON.stringify({ ...members, name: '../ci' }),
    JSON.stringify({ ...members, path: 'relative' }),
    JSON.stringify({ ...members, scope: ['a', 1] }),
    JSON.stringify({ ...members, used: -1 }),
    JSON.stringify({ ...members, uses: 1.5 }),
    JSON.stringify({ ...members, uses: null }),
  ])
    t.equal(parseCapability(broken), undefined, broken)
  for (const name of Object.keys(members).filter(
    (name) => !['audience', 'uses', 'gid'].includes(name),
  )) {
    const { [name]: _missing, ...rest } = members
    t.equal(parseCapability(JSON.stringify(rest)), undefined, `without "${name}"`)
  }
})
