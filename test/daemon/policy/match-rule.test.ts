import t from 'tap'
import type { Rule, Selectors } from '../../../daemon/config/rule.ts'
import {
  askedScope,
  mismatch,
  selectsPeers,
  specificity,
} from '../../../daemon/policy/match-rule.ts'
import type { PolicyQuestion } from '../../../daemon/policy/question.ts'
import { granted } from '../../fakes/granted.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const HASH = 'ab'.repeat(32)
const API = 'https://api.example'

const question: PolicyQuestion = {
  peer: localPeer({ unit: 'backup.service' }),
  executableSha256: HASH,
  listener: 'broker',
  capability: 'ci',
  grant: granted({ scopes: { [API]: ['a', 'b'] }, audiences: [API] }),
  scope: ['a'],
  audience: API,
  time: { day: 'mon', minute: 600 },
}

const FITTING: Required<Selectors> = {
  executableSha256: ['00', HASH],
  executable: ['/x', '/usr/bin/git'],
  unit: ['backup.service'],
  capability: ['ci'],
  gid: [5, 1000],
  class: ['relay', 'local'],
  listener: ['broker'],
  grant: ['work'],
  audience: [API],
  scope: ['a', 'c'],
}

const OTHERWISE: Required<Selectors> = {
  executableSha256: ['00'],
  executable: ['/usr/bin/gi'],
  unit: ['backup.scope'],
  capability: ['c'],
  gid: [0],
  class: ['container'],
  listener: ['capability'],
  grant: ['home'],
  audience: ['https://x.example'],
  scope: ['b'],
}

const WHY: Readonly<Record<keyof Selectors, string>> = {
  executableSha256: `"executable_sha256" is "${HASH}"`,
  executable: '"executable" is "/usr/bin/git"',
  unit: '"unit" is "backup.service"',
  capability: '"capability" is "ci"',
  gid: '"gid" is "1000"',
  class: '"class" is "local"',
  listener: '"listener" is "broker"',
  grant: '"grant" is "work"',
  audience: `"audience" is "${API}"`,
  scope: '"scope" goes beyond with "a"',
}

const NAMES = Object.keys(FITTING) as (keyof Selectors)[]

t.test('a rule fits when every selector does, each by any of its values', async (t) => {
  for (const effect of ['allow', 'deny', 'limit'] as const) {
    t.equal(mismatch(sampleRule(effect), question), undefined, 'no selector speaks of all')
    t.equal(mismatch(sampleRule(effect, { selectors: FITTING }), question), undefined)
  }
})

t.test('one selector that does not fit is enough, and is told', async (t) => {
  for (const name of NAMES) {
    const selectors = { ...FITTING, [name]: OTHERWISE[name] }
    t.equal(mismatch(sampleRule('allow', { selectors }), question), WHY[name])
  }
})

t.test('what could not be read helps nobody', async (t) => {
  const { executable: _, ...rest } = localPeer()
  const blind = { ...question, peer: rest, executableSha256: undefined }
  for (const name of ['executable', 'executableSha256'] as const) {
    const selectors = { [name]: FITTING[name] }
    const key = name === 'executable' ? 'executable' : 'executable_sha256'
    t.equal(mismatch(sampleRule('allow', { selectors }), blind), `"${key}" could not be read`)
    t.equal(mismatch(sampleRule('deny', { selectors }), blind), undefined)
    t.equal(mismatch(sampleRule('limit', { selectors }), blind), undefined)
  }
})

t.test('who has no unit, capability or audience is not meant by one', async (t) => {
  const plain = { ...question, peer: localPeer(), capability: undefined, audience: undefined }
  for (const name of ['unit', 'capability', 'audience'] as const)
    for (const effect of ['allow', 'deny', 'limit'] as const)
      t.equal(
        mismatch(sampleRule(effect, { selectors: { [name]: FITTING[name] } }), plain),
        `no "${name}"`,
      )
})

t.test(
  'a program that was replaced while it runs is still denied, and never allowed',
  async (t) => {
    const peer = localPeer({ executable: '/usr/bin/git (deleted)' })
    const selectors = { executable: ['/usr/bin/git'] }
    t.equal(mismatch(sampleRule('deny', { selectors }), { ...question, peer }), undefined)
    t.ok(mismatch(sampleRule('allow', { selectors }), { ...question, peer }))
  },
)

t.test('a scope lies within a rule that allows, and touches one that takes away', async (t) => {
  const fits = (effect: Rule['effect'], scope: readonly string[] | undefined) =>
    mismatch(sampleRule(effect, { selectors: { scope: ['a', 'z'] } }), { ...question, scope }) ===
    undefined
  for (const [scope, allow, others] of [
    [['a'], true, true],
    [['b'], false, false],
    [['a', 'b'], false, true],
    [[], true, false],
    [undefined, false, true],
  ] as const) {
    t.equal(fits('allow', scope), allow, `allow ${scope?.join()}`)
    t.equal(fits('deny', scope), others, `deny ${scope?.join()}`)
    t.equal(fits('limit', scope), others, `limit ${scope?.join()}`)
  }
})

t.test('who asks without a scope asks for everything granted', async (t) => {
  t.same(askedScope({ ...question, scope: undefined }), ['a', 'b'])
  t.same(askedScope(question), ['a'])
  t.same(askedScope({ ...question, scope: undefined, audience: 'https://x.example' }), [])
})

t.test('any selector outweighs all that come after it', async (t) => {
  for (const [index, name] of NAMES.entries()) {
    const weaker = Object.fromEntries(
      NAMES.slice(index + 1).map((other) => [other, FITTING[other]]),
    )
    t.ok(specificity({ [name]: FITTING[name] }) > specificity(weaker), name)
  }
  t.equal(specificity({}), 0)
})

t.test('a rule speaks of who asks, or only of what is asked for', async (t) => {
  for (const name of NAMES)
    t.equal(
      selectsPeers(sampleRule('deny', { selectors: { [name]: FITTING[name] } })),
      !['grant', 'audience', 'scope'].includes(name),
      name,
    )
})
