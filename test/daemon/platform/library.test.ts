import t from 'tap'
import { library, succeeded } from '../../../daemon/platform/library.ts'

const close = library.func('int close(int fd)') as (fd: number) => number

t.test('a call that fails is named, with the word of the system', async (t) => {
  t.throws(() => succeeded('close', close(-1)), {
    name: 'SystemCallError',
    message: 'close: EBADF',
  })
  t.equal(succeeded('getpid', 7), 7)
  t.equal(succeeded('close', 0), 0)
})
