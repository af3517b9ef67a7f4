import t from 'tap'
import { HookQueue, type HookQueueOptions } from '../../../daemon/anomaly/hook-queue.ts'

const anomaly = (reason: string) => ({ time: '2030', event: 'anomaly.burst', reason })

/** A queue whose runs end when a test says so. */
function scene(changes: Partial<HookQueueOptions> = {}) {
  const logged: string[] = []
  const started: string[] = []
  const ends: ((problem?: string) => void)[] = []
  const queue = new HookQueue({
    command: () => ['/bin/hook'],
    run: (_command, input, signal) => {
      started.push(input)
      return new Promise((resolve) => {
        ends.push(resolve)
        signal.addEventListener('abort', () => resolve('took too long'))
      })
    },
    deadlineMs: 60_000,
    mostWaiting: 2,
    log: { warn: (message) => void logged.push(message) },
    ...changes,
  })
  const end = async (problem?: string): Promise<void> => {
    ends.shift()?.(problem)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { queue, started, logged, end }
}

t.test('what a caller chose draws on no terminal that a hook writes to', async (t) => {
  const { queue, started, end } = scene()
  const executable = '/x/\u009b2J\u202e\u2028\ud800é'
  queue.push({ ...anomaly('a'), executable })
  const [line = ''] = started
  t.match(line, /^[ -~]+\n$/)
  t.equal((JSON.parse(line) as { executable: string }).executable, executable)
  await end()
})

t.test('anomalies are told one at a time, in their order', async (t) => {
  const { queue, started, logged, end } = scene()
  for (const reason of ['a', 'b', 'c']) queue.push(anomaly(reason))
  t.same(started, ['{"time":"2030","event":"anomaly.burst","reason":"a"}\n'])
  t.ok(queue.isBusy)
  await end()
  t.equal(started.length, 2)
  await end()
  await end()
  t.equal(started.length, 3)
  await end()
  t.notOk(queue.isBusy)
  queue.push(anomaly('d'))
  t.match(started[3], '"d"', 'and again after a rest')
  await end()
  t.same([queue.failed, queue.dropped, logged.length], [0, 0, 0])
})

t.test('too many are dropped, and counted', async (t) => {
  const { queue, started, logged } = scene()
  for (const reason of ['a', 'b', 'c', 'd', 'e']) queue.push(anomaly(reason))
  t.equal(queue.dropped, 2)
  t.equal(logged.length, 2)
  await queue.close()
  t.equal(started.length, 1)
})

t.test(
  'a hook that fails, hangs or cannot be run is counted, and the next one has its turn',
  async (t) => {
    const failing = scene()
    failing.queue.push(anomaly('a'))
    failing.queue.push(anomaly('b'))
    await failing.end('ended with 3')
    t.equal(failing.queue.failed, 1)
    t.equal(failing.started.length, 2)
    await failing.end()
    t.same(failing.logged, ['the hook failed'])
    let runs = 0
    const throwing = scene({
      run: async () => {
        runs += 1
        throw new TypeError('a bug')
      },
    })
    throwing.queue.push(anomaly('a'))
    throwing.queue.push(anomaly('b'))
    await throwing.end()
    t.same([runs, throwing.queue.failed], [2, 2])
    const hanging = scene({ deadlineMs: 1 })
    hanging.queue.push(anomaly('a'))
    while (hanging.queue.failed === 0) await new Promise((resolve) => setImmediate(resolve))
    t.equal(hanging.queue.failed, 1)
  },
)

t.test('without a hook nothing is run, nor once it was taken away', async (t) => {
  let command: readonly string[] | undefined
  const { queue, started, end } = scene({ command: () => command })
  queue.push(anomaly('a'))
  t.equal(started.length, 0)
  command = ['/bin/hook']
  queue.push(anomaly('b'))
  queue.push(anomaly('c'))
  command = undefined
  await end()
  t.equal(started.length, 1)
})

t.test('the end of the daemon ends what runs, which is no failure', async (t) => {
  const { queue, started } = scene()
  queue.push(anomaly('a'))
  queue.push(anomaly('b'))
  await queue.close()
  queue.push(anomaly('c'))
  t.same([started.length, queue.failed], [1, 0])
  await queue.close()
})
