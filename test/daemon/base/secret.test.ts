import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'

const CANARY = 'rt-canary-Zk3'

t.test('a secret prints as [secret] wherever it ends up by accident', async (t) => {
  const secret = Secret.fromText(CANARY)
  const shown: Readonly<Record<string, string>> = {
    string: String(secret),
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the mistake itself is under test
    template: `${secret}`,
    joined: ['x', secret].join(' '),
    added: `x${secret as unknown as string}`,
    json: JSON.stringify({ secret }),
    inspected: inspect(secret),
    nested: inspect({ deep: { er: [secret] } }, { depth: 10, showHidden: true, showProxy: true }),
    '%s': format('%s', secret),
    '%o': format('%o', secret),
    '%O': format('%O', secret),
    '%j': format('%j', secret),
    cause: inspect(new Error('no', { cause: secret })),
  }
  for (const [how, text] of Object.entries(shown)) {
    t.match(text, /\[secret\]/, how)
    t.notMatch(text, CANARY, how)
    t.notMatch(text, Buffer.from(CANARY).toString('hex'), how)
  }
})

t.test('a secret cannot be reached without asking it', async (t) => {
  const secret = Secret.fromText(CANARY)
  const taken: Readonly<Record<string, unknown>> = {
    keys: Reflect.ownKeys(secret),
    // oxlint-disable-next-line typescript/no-misused-spread -- the mistake itself is under test
    spread: { ...secret },
    clone: structuredClone(secret),
    'inspect without custom': inspect(secret, { customInspect: false, showHidden: true, depth: 9 }),
    entries: Object.getOwnPropertyDescriptors(secret),
  }
  for (const [how, value] of Object.entries(taken)) {
    t.notMatch(inspect(value, { showHidden: true, depth: 9 }), CANARY, how)
    t.notOk(serialize(value).includes(CANARY), how)
  }
  t.notOk(serialize(secret).includes(CANARY), 'v8.serialize')
})

t.test('who asks gets the value, as text and as bytes', async (t) => {
  for (const text of [CANARY, '', 'ä€😀']) {
    t.equal(Secret.fromText(text).reveal(), text)
    t.same(Secret.fromText(text).revealBytes(), Buffer.from(text))
  }
  const bytes = Buffer.from(CANARY)
  t.equal(Secret.take(bytes).revealBytes(), bytes, 'taken bytes are not copied')
})

t.test('wiping overwrites the bytes, and a copy lives on its own', async (t) => {
  const bytes = Buffer.from(CANARY)
  const secret = Secret.take(bytes)
  const copy = secret.copy()
  secret.wipe()
  t.ok(bytes.every((byte) => byte === 0))
  t.equal(copy.reveal(), CANARY)
  const copied = copy.revealBytes()
  copy.wipe()
  copy.wipe()
  t.ok(copied.every((byte) => byte === 0))
})

t.test('what was wiped is never taken for a value', async (t) => {
  for (const text of [CANARY, '']) {
    const secret = Secret.fromText(text)
    secret.wipe()
    const wiped = { name: 'TypeError', message: 'a secret was asked for after it was wiped' }
    t.throws(() => secret.reveal(), wiped)
    t.throws(() => secret.revealBytes(), wiped)
    t.throws(() => secret.copy(), wiped)
    t.equal(String(secret), '[secret]')
  }
})

t.test('no other buffer shares memory with a secret', async (t) => {
  const secret = Secret.fromText(CANARY)
  for (const bytes of [secret.revealBytes(), secret.copy().revealBytes()]) {
    t.equal(bytes.byteLength, CANARY.length)
    t.equal(bytes.buffer.byteLength, CANARY.length)
  }
})
