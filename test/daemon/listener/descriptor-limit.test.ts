import { join } from 'node:path'
import t from 'tap'
import { descriptorLimit } from '../../../daemon/listener/descriptor-limit.ts'
import { needsLinux } from '../../needs.ts'

/** As Linux writes it. */
const limits = (
  soft: string,
): string => `Limit                     Soft Limit           Hard Limit           Units     
Max processes             127000               127000               processes 
Max open files            ${soft.padEnd(21)}524288               files     
Max locked memory         8388608              8388608              bytes     
`

t.test('the soft limit counts, where there is one to read', async (t) => {
  const directory = t.testdir({ few: limits('1024'), all: limits('unlimited'), odd: 'Max\n' })
  t.equal(descriptorLimit(join(directory, 'few')), 1_024)
  t.equal(descriptorLimit(join(directory, 'all')), Number.POSITIVE_INFINITY)
  t.equal(descriptorLimit(join(directory, 'odd')), undefined)
  t.equal(descriptorLimit(join(directory, 'none')), undefined)
})

t.test('our own limit can be read', needsLinux(), async (t) => {
  t.ok((descriptorLimit() ?? 0) > 0)
})
