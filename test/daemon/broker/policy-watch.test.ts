import t from 'tap'
import { PolicyWatch } from '../../../daemon/broker/policy-watch.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'

function world() {
  const state: { user?: string; system?: string; problem?: string } = { user: 'u1' }
  const audit = new FakeAudit()
  let changes = 0
  const watch = new PolicyWatch({
    files: {
      user: { hash: () => state.user },
      system: { hash: () => state.system },
      problem: () => state.problem,
      seen: () => ({}),
    },
    audit,
    onChange: () => {
      changes += 1
    },
  })
  return { state, audit, watch, changes: () => changes }
}

t.test('what stands at the start is no change', async (t) => {
  const { watch, audit } = world()
  t.same(watch.hashes(), { userPolicy: 'u1' })
  watch.look()
  t.same(audit.entries, [])
})

t.test('every change is on record once, with the hashes of the files', async (t) => {
  const { state, watch, audit, changes } = world()
  state.system = 's1'
  watch.look()
  watch.look()
  state.user = 'u2'
  watch.look()
  t.same(audit.entries, [
    { event: 'policy.changed', userPolicy: 'u1', systemPolicy: 's1' },
    { event: 'policy.changed', userPolicy: 'u2', systemPolicy: 's1' },
  ])
  t.equal(changes(), 2)
})

t.test('a broken file is on record with what is wrong, and its mending too', async (t) => {
  const { state, watch, audit } = world()
  state.user = 'u2'
  state.problem = '/c:1:1: no'
  watch.look()
  delete state.user
  state.problem = '/c: is not a file'
  watch.look()
  state.user = 'u1'
  delete state.problem
  watch.look()
  t.same(audit.entries, [
    { event: 'policy.broken', reason: '/c:1:1: no', userPolicy: 'u2' },
    { event: 'policy.broken', reason: '/c: is not a file' },
    { event: 'policy.changed', userPolicy: 'u1' },
  ])
})

t.test(
  'a change that cannot be recorded is refused until it can, and told all the same',
  async (t) => {
    const { state, watch, audit, changes } = world()
    audit.failing = 'all'
    state.user = 'u2'
    t.throws(() => watch.look(), { code: 'audit_unavailable' })
    t.throws(() => watch.look(), { code: 'audit_unavailable' })
    t.equal(changes(), 2)
    audit.failing = []
    watch.look()
    t.same(audit.events(), ['policy.changed'])
  },
)

t.test('files that are broken from the start are on record', async (t) => {
  const audit = new FakeAudit()
  const files = {
    user: { hash: () => 'u1' },
    system: undefined,
    problem: () => '/c:1:1: no',
    seen: () => ({}),
  }
  const watch = new PolicyWatch({ files, audit, onChange: () => undefined })
  watch.look()
  watch.look()
  t.same(audit.entries, [{ event: 'policy.broken', reason: '/c:1:1: no', userPolicy: 'u1' }])
})

t.test('without a system file there is no hash of one', async (t) => {
  const audit = new FakeAudit()
  const files = {
    user: { hash: () => undefined },
    system: undefined,
    problem: () => undefined,
    seen: () => ({}),
  }
  t.same(new PolicyWatch({ files, audit, onChange: () => undefined }).hashes(), {})
})

t.test('files that are what they were at the last look are not looked into', async (t) => {
  const audit = new FakeAudit()
  let seen = {}
  let hash = 'u1'
  const files = {
    user: { hash: () => hash },
    system: undefined,
    problem: () => undefined,
    seen: () => seen,
  }
  const watch = new PolicyWatch({ files, audit, onChange: () => undefined })
  watch.look()
  hash = 'u2'
  watch.look()
  t.same(audit.entries, [])
  audit.failing = 'all'
  seen = {}
  t.throws(() => watch.look(), { code: 'audit_unavailable' })
  audit.failing = []
  watch.look()
  t.same(audit.entries, [{ event: 'policy.changed', userPolicy: 'u2' }], 'it is tried again')
})
