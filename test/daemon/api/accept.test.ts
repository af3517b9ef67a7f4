import t from 'tap'
import { prefersPlainText } from '../../../daemon/api/accept.ts'

const CASES: readonly [accept: string | undefined, plain: boolean][] = [
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/json', false],
  ['text/plain', true],
  ['Text/PLAIN', true],
  [' text/plain ', true],
  ['text/*', true],
  ['text/plain;charset=utf-8', true],
  ['text/plain, */*;q=0.1', true],
  ['text/plain, application/json', false],
  ['application/json, text/plain', false],
  ['application/json;q=0.5, text/plain', true],
  ['text/plain;q=0.5, application/json', false],
  ['text/plain; Q=0.2, application/json ; q=0.1', true],
  ['text/plain;q=0', false],
  ['text/plain;q=0, */*', false],
  ['*/*, application/json;q=0', true],
  ['text/html', false],
  ['text/plainly', false],
  ['text/plain;q=x, application/json;q=0.9', true],
  ['text/plain;q=1.2.3', false],
  [';,;,', false],
]

t.test('plain text is for those who would rather have it than JSON', async (t) => {
  for (const [accept, plain] of CASES)
    t.equal(prefersPlainText(accept), plain, accept ?? 'no header at all')
})

t.test('a header of any length costs no more than its length', async (t) => {
  t.equal(prefersPlainText('text/plain;q=0.0,'.repeat(100_000)), false)
})
