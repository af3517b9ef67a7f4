import t from 'tap'
import { Turns } from '../../../daemon/vault/turns.ts'
import { pending } from './pending.ts'

t.test('one name, one after the other, whatever became of the one before', async (t) => {
  const turns = new Turns()
  const steps: string[] = []
  const first = pending()
  const second = pending()
  const ends = [
    turns.take('a', first.work).catch((error: Error) => steps.push(error.message)),
    turns.take('a', async () => {
      steps.push('second begins')
      await second.work()
      steps.push('second ends')
    }),
    turns.take('a', async () => steps.push('third')),
  ]
  t.same(steps, [])
  first.fail(new Error('failed'))
  await ends[0]
  second.end()
  await turns.allEnded()
  t.same(steps, ['failed', 'second begins', 'second ends', 'third'])
  await turns.take('a', async () => steps.push('later'))
  t.equal(steps.at(-1), 'later')
})

t.test('another name does not wait', async (t) => {
  const turns = new Turns()
  const slow = pending()
  const waiting = turns.take('a', slow.work)
  t.equal(await turns.take('b', async () => 'done'), 'done')
  slow.end()
  await waiting
})

t.test('a turn that comes late still waits for the one before it', async (t) => {
  const turns = new Turns()
  const steps: string[] = []
  const first = turns.take('a', async () => steps.push('first'))
  const slow = pending()
  const second = turns.take('a', slow.work)
  await first
  const third = turns.take('a', async () => steps.push('third'))
  t.same(steps, ['first'])
  slow.end()
  await Promise.all([second, third])
  t.same(steps, ['first', 'third'])
})
