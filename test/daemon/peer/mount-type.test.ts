import t from 'tap'
import { isServedByProgram, mountType } from '../../../daemon/peer/mount-type.ts'

const MOUNTS = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
127 27 0:40 / /home/me/a\\040-\\040b rw,nosuid master:2 shared:3 - fuse.sshfs me@far:/ rw
128 27 0:41 / /mnt rw - fuseblk /dev/sdb1 rw
`

function fdinfo(id: number | string): string {
  return `pos:\t0\nflags:\t02100000\nmnt_id:\t${id}\nino:\t260723\n`
}

t.test('the type is that of the mount an open file belongs to', async (t) => {
  t.equal(mountType(fdinfo(27), MOUNTS), 'ext4')
  t.equal(mountType(fdinfo(22), MOUNTS), 'proc')
  t.equal(mountType(fdinfo(127), MOUNTS), 'fuse.sshfs')
})

t.test('what is mounted nowhere we can see has none', async (t) => {
  t.equal(mountType(fdinfo(2), MOUNTS), undefined)
  t.equal(mountType(fdinfo(1), MOUNTS), undefined)
  t.equal(mountType(fdinfo('x'), MOUNTS), undefined)
  t.equal(mountType('', MOUNTS), undefined)
  t.equal(mountType(fdinfo(27), ''), undefined)
  t.equal(mountType(fdinfo(27), '27 1 254:0 / / rw'), undefined)
})

t.test('file systems that a program serves are known by their type', async (t) => {
  for (const type of ['fuse', 'fuse.sshfs', 'fuseblk']) t.ok(isServedByProgram(type), type)
  for (const type of ['ext4', 'nfs4', 'overlay', 'tmpfs']) t.notOk(isServedByProgram(type), type)
})
