import { spawnSync } from 'node:child_process'
import t from 'tap'
import { stillBytes } from '../../../daemon/base/still-bytes.ts'

const MODULE = new URL('../../../daemon/base/still-bytes.js', import.meta.url).href

/** Has V8 say how many bytes of an array lie on its own heap. */
const WHERE = `
  const { stillBytes } = await import(${JSON.stringify(MODULE)});
  %DebugPrint(stillBytes(32));
  %DebugPrint(Buffer.alloc(32));`

t.test('bytes for a secret are zeros in memory of their own', async (t) => {
  const bytes = stillBytes(32)
  t.same(bytes, Buffer.alloc(32))
  t.equal(bytes.buffer.byteLength, 32, 'no pool is shared')
  t.equal(stillBytes(0).length, 0)
})

t.test('none of it lies where the engine moves things', async (t) => {
  const args = ['--allow-natives-syntax', '--input-type=module', '-e', WHERE]
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const onHeap = [...stdout.matchAll(/^ - elements: \S+ <ByteArray\[(\d+)\]> \[/gm)]
  t.same(
    onHeap.map(([, length]) => Number(length)),
    [0, 32],
    'other than what Node makes of that size',
  )
})
