import { execFileSync } from 'node:child_process'
import t from 'tap'
import { createLog, type Log } from '../../../daemon/base/log.ts'
import { Secret } from '../../../daemon/base/secret.ts'

const CANARY = 'canary-Zk3x9'

function logOf(level = 'info'): { readonly log: Log; readonly written: () => string } {
  const chunks: string[] = []
  const log = createLog(level, { write: (text: string) => void chunks.push(text) })
  return { log, written: () => chunks.join('') }
}

t.test('a line is one JSON object with time, pid, sentence and fields', async (t) => {
  const { log, written } = logOf()
  log.info('listening', { socket: '/x', count: 2, isNew: true, missing: undefined })
  log.warn('careful')
  const [first, second] = written().trimEnd().split('\n')
  t.match(JSON.parse(first ?? ''), {
    level: 30,
    time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    pid: process.pid,
    fields: { socket: '/x', count: 2, isNew: true },
    msg: 'listening',
  })
  t.match(JSON.parse(second ?? ''), { level: 40, fields: {}, msg: 'careful' })
})

t.test('no field can shadow a key of ours or break the line', async (t) => {
  const { log, written } = logOf()
  log.info('a %s\nb', { level: 60, msg: 'x\ny', time: 'never', pid: 1 })
  t.equal(written().split('\n').length, 2)
  t.match(JSON.parse(written()), { level: 30, msg: 'a %s\nb', pid: process.pid })
  t.equal(written().match(/"level":/g)?.length, 2, 'one of ours, one below fields')
})

t.test('nothing in a line draws on the terminal it may be shown on', async (t) => {
  const { log, written } = logOf()
  const path = '/x/a\u001b[31m\u007f\u009b2J\u202egnp\r\n\u2028\u{1f600}\ud800'
  log.warn(`refused ${path}`, { executable: path })
  t.match(written(), /^[\x20-\x7e]+\n$/)
  t.match(JSON.parse(written()), { msg: `refused ${path}`, fields: { executable: path } })
})

t.test('of an error nothing is written that could hold a token', async (t) => {
  const answer = { access_token: CANARY, refresh_token: CANARY }
  const errors: readonly unknown[] = [
    new Error(CANARY, { cause: { body: answer } }),
    new Error(`x\n    at ${CANARY} (/x.js:1:2)`),
    Object.assign(new Error('x'), { err: answer, error: answer, body: answer }),
    new AggregateError([new Error(CANARY)], CANARY),
    answer,
    CANARY,
    Secret.fromText(CANARY),
  ]
  for (const error of errors) {
    const { log, written } = logOf('trace')
    log.error('a request failed', error)
    t.match(written(), /"level":50.*"msg":"a request failed"/)
    t.notMatch(written(), CANARY)
  }
})

t.test('the level says what is written, and can change', async (t) => {
  const { log, written } = logOf('error')
  log.info('quiet')
  log.warn('quiet')
  t.equal(written(), '')
  log.setLevel('info')
  log.info('loud')
  t.match(written(), 'loud')
})

t.test('for the journal a line begins with how grave it is', async (t) => {
  const chunks: string[] = []
  const log = createLog('info', { write: (text: string) => void chunks.push(text) }, true)
  log.info('listening', { level: 60 })
  log.warn('careful')
  log.error('broken')
  t.match(chunks, [/^<6>\{"level":30,.*\n$/, /^<4>\{"level":40,/, /^<3>\{"level":50,/])
})

t.test('without a destination the lines go to standard error alone', async (t) => {
  const module = new URL('../../../daemon/base/log.js', import.meta.url).href
  const program = `import { createLog } from '${module}'; createLog('info').error('gone', new Error('${CANARY}'))`
  const command = `"$0" --input-type=module -e "$1" 2>&1 >/dev/null`
  const stderr = execFileSync('sh', ['-c', command, process.execPath, program], {
    encoding: 'utf8',
  })
  t.match(stderr, /"msg":"gone"/)
  t.notMatch(stderr, CANARY)
})
