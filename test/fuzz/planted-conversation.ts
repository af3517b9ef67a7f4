/*
 * A conversation with a fault at a byte that none of its seeds has. Which one says
 * GRANTD_TEST_FAULT.
 */
import type { Conversation } from './conversation.ts'

const BAD = 0x7f
const FAULT = process.env['GRANTD_TEST_FAULT']
const KEPT_BYTES = 200_000

const kept: Buffer[] = []

/** What the tests of whoever runs conversations feed. */
export const CONVERSATION: Conversation = {
  name: 'planted',
  seeds: [Buffer.from('hello')],
  words: [],
  async open() {
    return { check, close: async () => undefined }
  },
}

async function check(answer: Buffer): Promise<void> {
  if (FAULT === 'keeps') kept.push(Buffer.alloc(KEPT_BYTES))
  if (!answer.includes(BAD)) return
  if (FAULT === 'throws') throw new RangeError('planted')
  if (FAULT === 'rejects') void Promise.reject(new Error('planted'))
  // whoever waits for that waits for ever
  if (FAULT === 'waits') await new Promise(() => undefined)
  if (FAULT === 'loops') for (;;);
}
