import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const CHILD = fileURLToPath(new URL('../../../daemon/platform/keychain-child.js', import.meta.url))

/** Put in the way of the one module the child loads: a keychain that is a file. */
const KEYCHAIN_IN_A_FILE = `
  const { Module } = require('node:module')
  const { readFileSync, rmSync, writeFileSync } = require('node:fs')
  const load = Module._load
  const file = process.env.KEYCHAIN_FILE
  const keytar = {
    async getPassword() {
      if (file.endsWith('hangs')) return new Promise(() => setInterval(() => {}, 1000))
      if (file.endsWith('throws')) throw 'not an error'
      try { return readFileSync(file, 'utf8') } catch { return null }
    },
    async setPassword(service, account, text) { writeFileSync(file, text) },
    async deletePassword() { try { rmSync(file); return true } catch { return false } },
  }
  Module._load = (name, ...rest) => name === '@github/keytar' ? keytar : load(name, ...rest)`

interface Ended {
  readonly output: string
  readonly signal: NodeJS.Signals | null
}

/** Runs the real child, which loads the keychain in a file instead of the real one. */
async function run(directory: string, input: string | Buffer, item = 'item'): Promise<Ended> {
  const { NODE_OPTIONS: inherited = '' } = process.env
  const child = spawn(process.execPath, [CHILD], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `${inherited} --require ${join(directory, 'fake.cjs')}`,
      KEYCHAIN_FILE: join(directory, item),
    },
  })
  child.stdin.end(input)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [, signal] = (await once(child, 'close')) as [unknown, NodeJS.Signals | null]
  return { output: Buffer.concat(chunks).toString('latin1'), signal }
}

function keychainIn(t: Test): string {
  return t.testdir({ 'fake.cjs': KEYCHAIN_IN_A_FILE })
}

function request(op: string, dieAfterMs = 60_000): string {
  return `${JSON.stringify({ op, service: 'grantd', account: 'test', dieAfterMs })}\n`
}

t.test('a secret comes back byte for byte, and lies there as base64', async (t) => {
  const directory = keychainIn(t)
  const secret = 'a\0b\nc\xff'
  const set = Buffer.from(request('set') + secret, 'latin1')
  t.equal((await run(directory, set)).output, '{"kind":"done"}\n')
  t.equal(
    readFileSync(join(directory, 'item'), 'utf8'),
    Buffer.from(secret, 'latin1').toString('base64'),
  )
  t.equal((await run(directory, request('get'))).output, `{"kind":"value"}\n${secret}`)
  t.equal((await run(directory, request('delete'))).output, '{"kind":"done"}\n')
})

t.test('what is not there is none', async (t) => {
  const directory = keychainIn(t)
  t.equal((await run(directory, request('get'))).output, '{"kind":"none"}\n')
  t.equal((await run(directory, request('delete'))).output, '{"kind":"none"}\n')
})

t.test('an error is an answer', async (t) => {
  const directory = keychainIn(t)
  t.match((await run(directory, '')).output, /^\{"kind":"failed","reason":".*JSON.*"\}\n$/)
  t.equal(
    (await run(directory, request('get'), 'throws')).output,
    '{"kind":"failed","reason":"not an error"}\n',
  )
})

t.test('a child that nobody kills ends itself', async (t) => {
  const { output, signal } = await run(keychainIn(t), request('get', 50), 'hangs')
  t.same({ output, signal }, { output: '', signal: 'SIGKILL' })
})
