import t from 'tap'
import { minimise } from './minimise.ts'

const PATIENCE = { tries: 1_000, milliseconds: 10_000 }
const input = Buffer.from('some longer text with an x and a y in it')

t.test('what a failure does not need goes', async (t) => {
  const needsBoth = (bytes: Buffer): boolean => bytes.includes('x') && bytes.includes('y')
  t.equal(String(await minimise(input, needsBoth, PATIENCE)), 'xy')
})

t.test('what fails only whole stays whole', async (t) => {
  t.equal(await minimise(input, async () => false, PATIENCE), input)
  t.same(await minimise(Buffer.alloc(0), () => true, PATIENCE), Buffer.alloc(0))
})

t.test('patience ends', async (t) => {
  let tries = 0
  const stubborn = (): boolean => ++tries > 1_000
  t.equal(await minimise(input, stubborn, { ...PATIENCE, tries: 3 }), input)
  t.equal(tries, 3)
  t.equal(await minimise(input, () => true, { ...PATIENCE, milliseconds: -1 }), input)
})
