import t from 'tap'
import { typeKeys } from '../../cli/typed-line.ts'

t.test('keys become a line', async (t) => {
  const cases: readonly [before: string, keys: string, line: string][] = [
    ['', 'abc', 'abc'],
    ['ab', 'c d', 'abc d'],
    ['', 'ü😀\x7f', 'ü'],
    ['abc', '\b\x7f', 'a'],
    ['', '\x7f', ''],
    ['abc def ', '\x17', 'abc '],
    ['abc', '\x15x', 'x'],
    ['', 'a\x1b[Ab\x1bOPc\x1b[1;5Cd', 'abcd'],
    ['', 'a\x1b', 'a'],
    ['', 'a\x1bfb', 'ab'],
    ['', 'a\tb\x00c', 'abc'],
    ['ab', '\x04c', 'abc'],
  ]
  for (const [before, keys, text] of cases)
    t.same(typeKeys(before, keys), { kind: 'typing', text }, JSON.stringify(keys))
})

t.test('Enter finishes it and keeps what was typed ahead', async (t) => {
  for (const [keys, rest] of [
    ['c\r', ''],
    ['c\n', ''],
    ['c\r\nnext\r\n', 'next\r\n'],
    ['c\r\r', '\r'],
    ['c\nnext', 'next'],
  ] as const)
    t.same(typeKeys('ab', keys), { kind: 'finished', text: 'abc', rest }, JSON.stringify(keys))
})

t.test('Ctrl-C and Ctrl-D are no part of a passphrase', async (t) => {
  t.same(typeKeys('abc', 'd\x03e\r'), { kind: 'interrupted' })
  t.same(typeKeys('', '\x04'), { kind: 'ended' })
})
