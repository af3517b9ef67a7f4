import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { runHook } from '../../../daemon/anomaly/run-hook.ts'

const never = new AbortController().signal

t.test('a hook gets its arguments as they are, its input, and a clean environment', async (t) => {
  process.env['GRANTD_TEST_SECRET'] = 'never'
  t.teardown(() => delete process.env['GRANTD_TEST_SECRET'])
  const out = join(t.testdir(), 'out')
  // the runner of the tests puts some of its own into every child, with long values
  const own = 'env | sed -n "s/^\\(_TAPJS_[A-Z_]*\\)=.*/\\1/p"'
  const clean = `for name in $(${own}) NODE_OPTIONS; do unset "$name"; done`
  const script = `${clean}; echo "$1"; cat; pwd; env`
  const command = ['/bin/sh', '-c', `{ ${script}; } > "${out}"`, 'sh', '$(exit) *; x']
  t.equal(await runHook(command, '{"a":1}\n', never), undefined)
  const text = readFileSync(out, 'utf8')
  t.ok(text.startsWith('$(exit) *; x\n{"a":1}\n/\n'))
  t.match(text, /^PATH=\/usr\/bin:\/bin$/m)
  t.notMatch(text, /GRANTD|HOME|NODE_/)
})

t.test('whatever becomes of it is said in a few words', async (t) => {
  const sh = (script: string) => runHook(['/bin/sh', '-c', script], 'x'.repeat(100_000), never)
  t.equal(await sh('exit 3'), 'ended with 3')
  t.equal(await sh('kill -9 $$'), 'was ended by SIGKILL')
  t.equal(await sh('exec 0<&-; exit 0'), undefined, 'nobody has to read')
  t.equal(await runHook(['/nowhere/hook'], '', never), 'cannot be started: ENOENT')
  await t.rejects(runHook(['/bin/\0'], '', never), TypeError)
})

t.test('one that hangs is killed, with what it started', async (t) => {
  const out = join(t.testdir(), 'late')
  const late = new AbortController()
  const script = `(sleep 0.5; touch "${out}") & sleep 60`
  const run = runHook(['/bin/sh', '-c', script], '', late.signal)
  await sleep(50)
  late.abort()
  t.equal(await run, 'took too long')
  await sleep(700)
  t.notOk(existsSync(out))
  t.equal(await runHook(['/bin/sleep', '60'], '', late.signal), 'took too long', 'at once')
})

t.test('what it leaves behind ends with it', async (t) => {
  const out = join(t.testdir(), 'late')
  const script = `(sleep 0.3; touch "${out}") &`
  t.equal(await runHook(['/bin/sh', '-c', script], '', never), undefined)
  await sleep(500)
  t.notOk(existsSync(out))
})
