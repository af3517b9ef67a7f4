import { pick, type Random, seededRandom } from '../torture/random.ts'

/** What an input grows out of. */
export interface Ground {
  readonly seeds: readonly Buffer[]
  readonly words: readonly string[]
}

/** Longer than any limit of ours but those of files, and short enough for thousands a second. */
export const MAX_INPUT_BYTES = 70_000

/** One input in so many is nothing but chance. */
const GARBAGE = 24

/** Bytes at which readers turn off: ends, quotes, brackets, signs, the first that is no ASCII. */
const TURNS = Buffer.from('\0\t\n\r "%\'()+,-./:;=[\\]{}\x1b\x7f\x80\xc0\xe2\xff09aAzZ', 'latin1')

const NUMBERS = ['0', '-1', '2147483648', '4294967296', '9007199254740993', '1e999', '0x10', '']

/** The input of one run; the same for the same seed, number and ground. */
export function inputOf(seed: number, run: number, ground: Ground): Buffer {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(run + 1, 0x85ebca6b))
  if (random() < 1 / GARBAGE) return garbage(random)
  let input = pick(random, ground.seeds)
  // mostly little changes: who breaks everything is turned away at the door
  do input = pick(random, CHANGES)(input, random, ground)
  while (random() < 0.45)
  return input.subarray(0, MAX_INPUT_BYTES)
}

type Change = (input: Buffer, random: Random, ground: Ground) => Buffer

const CHANGES: readonly Change[] = [
  function flipBit(input, random) {
    const changed = Buffer.from(input)
    const at = below(random, input.length)
    if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8))
    return changed
  },
  function setByte(input, random) {
    const changed = Buffer.from(input)
    if (changed.length > 0) changed[below(random, input.length)] = turn(random)
    return changed
  },
  function insertBytes(input, random) {
    const bytes = Array.from({ length: 1 + below(random, 4) }, () => turn(random))
    return spliced(input, below(random, input.length + 1), 0, Buffer.from(bytes))
  },
  function insertWord(input, random, { words }) {
    const word = Buffer.from(pick(random, words.length > 0 ? words : NUMBERS), 'latin1')
    return spliced(input, below(random, input.length + 1), 0, word)
  },
  function remove(input, random) {
    const [at, length] = range(input, random)
    return spliced(input, at, length)
  },
  function repeat(input, random) {
    const [at, length] = range(input, random)
    const part = input.subarray(at, at + length)
    const most = Math.max(1, Math.floor(MAX_INPUT_BYTES / Math.max(1, length)))
    // now and then up to the limit, where what takes the square of its time shows
    const times = random() < 0.1 ? most : 1 + below(random, Math.min(16, most))
    return spliced(input, at, 0, Buffer.concat(Array.from({ length: times }, () => part)))
  },
  function move(input, random) {
    const [at, length] = range(input, random)
    const rest = spliced(input, at, length)
    return spliced(rest, below(random, rest.length + 1), 0, input.subarray(at, at + length))
  },
  function cutShort(input, random) {
    return input.subarray(0, below(random, input.length + 1))
  },
  function graft(input, random, { seeds }) {
    const other = pick(random, seeds)
    const head = input.subarray(0, below(random, input.length + 1))
    return Buffer.concat([head, other.subarray(below(random, other.length + 1))])
  },
  function renumber(input, random) {
    const numbers = [...input.toString('latin1').matchAll(/\d+/g)]
    if (numbers.length === 0) return input
    const { 0: digits, index } = pick(random, numbers)
    return spliced(input, index, digits.length, Buffer.from(pick(random, NUMBERS)))
  },
]

function garbage(random: Random): Buffer {
  return Buffer.from(Array.from({ length: below(random, 400) }, () => turn(random)))
}

function turn(random: Random): number {
  return random() < 0.5 ? below(random, 256) : (TURNS[below(random, TURNS.length)] ?? 0)
}

/** Some part of it, more often a small one. */
function range(input: Buffer, random: Random): readonly [at: number, length: number] {
  const at = below(random, input.length + 1)
  const longest = random() < 0.8 ? 8 : input.length
  return [at, below(random, Math.min(longest, input.length - at) + 1)]
}

function spliced(
  input: Buffer,
  at: number,
  length: number,
  between: Buffer = Buffer.alloc(0),
): Buffer {
  const room = Math.max(0, MAX_INPUT_BYTES + length - input.length)
  return Buffer.concat([
    input.subarray(0, at),
    between.subarray(0, room),
    input.subarray(at + length),
  ])
}

/** A whole number from 0 up to, and without, `limit`; 0 where there is none. */
function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}
