import { constants } from 'node:os'
import t from 'tap'
import {
  readPeerCredentials,
  type SocketOption,
} from '../../../daemon/platform/peer-credentials.ts'
import { SystemCallError } from '../../../daemon/platform/system-call-error.ts'

/** A kernel that knows the listed options, keyed `level/name`. */
function kernel(options: Record<string, Buffer | number>): SocketOption {
  return (level, name) => {
    const answer = options[`${level}/${name}`] ?? constants.errno.ENOPROTOOPT
    if (typeof answer === 'number') throw new SystemCallError('getsockopt', answer)
    return answer
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes
}

const UCRED = words(4242, 1000, 100)

t.test('linux: pid, uid, gid and pidfd are the kernel’s', async (t) => {
  const option = kernel({ '1/17': UCRED, '1/77': words(9) })
  t.same(readPeerCredentials('linux', option), { pid: 4242, uid: 1000, gid: 100, pidfd: 9 })
})

t.test('linux before 6.5: there is no pidfd', async (t) => {
  t.equal(readPeerCredentials('linux', kernel({ '1/17': UCRED })).pidfd, undefined)
})

const TOKEN = words(1, 501, 20, 501, 20, 77, 100_001, 9)

t.test('darwin: the first group is the gid, and the pid has a version', async (t) => {
  const xucred = Buffer.concat([words(0, 501, 2, 20, 12), Buffer.alloc(56)])
  const option = kernel({ '0/1': xucred, '0/6': TOKEN })
  t.same(readPeerCredentials('darwin', option), {
    pid: 77,
    uid: 501,
    gid: 20,
    pidfd: undefined,
    pidVersion: 9,
  })
})

const refusals: Record<string, [NodeJS.Platform, SocketOption, string]> = {
  'no credentials': ['linux', kernel({}), 'ENOPROTOOPT'],
  'short credentials': ['linux', kernel({ '1/17': words(1, 2) }), 'EPROTO'],
  'a peer that is gone': [
    'linux',
    kernel({ '1/17': UCRED, '1/77': constants.errno.ESRCH }),
    'ESRCH',
  ],
  'an unknown xucred': ['darwin', kernel({ '0/1': words(1, 501, 1, 20) }), 'EPROTO'],
  'an xucred without a group': ['darwin', kernel({ '0/1': words(0, 501, 0, 0) }), 'EPROTO'],
  'an xucred without a token': ['darwin', kernel({ '0/1': words(0, 501, 1, 20) }), 'ENOPROTOOPT'],
  'a short token': [
    'darwin',
    kernel({ '0/1': words(0, 501, 1, 20), '0/6': words(1, 2) }),
    'EPROTO',
  ],
}
for (const [name, [platform, option, errno]] of Object.entries(refusals)) {
  t.test(`${name} is nobody`, async (t) => {
    t.throws(() => readPeerCredentials(platform, option), { message: `getsockopt: ${errno}` })
  })
}
