import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { approveDevice } from '../issuers/approve.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { needs } from '../needs.ts'
import { COMMAND, type Home, startProgram } from './command.ts'
import { startWorld } from './world.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

function blocksOf(language: string): readonly string[] {
  return [
    ...read('README.md').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')),
  ].map(([, block]) => (block ?? '').trim())
}

/** Blocks that `.ci/run` or a script it calls runs as they stand. */
const RUN_BY_CI: Readonly<Record<string, readonly [file: string, words: RegExp][]>> = {
  'npm ci && npm run demo': [
    ['.ci/run', /^npm ci\b/m],
    ['.ci/run', /npm run .*\bdemo$/m],
  ],
  'npm ci && npm test': [['.ci/run', /^npm test\b/m]],
  'npm ci && npm run build\nnpm pack . ./client-sdk && npm install --global --ignore-scripts ./*.tgz':
    [
      ['.ci/run', /^npm ci\b/m],
      ['.ci/run', /^npm run --silent build$/m],
      ['.ci/package', /^npm pack .* \. \.\/client-sdk$/m],
      ['.ci/package', /^npm install .*--global --ignore-scripts .*\*\.tgz$/m],
    ],
  'grantd serve': [['.ci/package', /^grantd serve\b/m]],
}

t.test('every command of the README runs', needs('bash', 'curl'), async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const seen: string[] = []
  const api = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization?.slice(0, 10)}`)
    response.end('[]')
  }).listen(0, '127.0.0.1')
  t.teardown(() => api.close())
  await new Promise((resolve) => api.once('listening', resolve))
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`

  const bin = join(world.directory, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'grantd'), `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`)
  chmodSync(join(bin, 'grantd'), 0o755)
  const home: Home = {
    directory: world.directory,
    environment: { ...world.environment, PATH: `${bin}:${process.env['PATH']}` },
  }
  const mine = (block: string): string =>
    block
      .replaceAll('https://login.example.com', world.issuer.issuer)
      .replaceAll('my-cli', world.issuer.clientId)
      .replaceAll('https://api.example.com/repos', `${origin}/repos`)
      .replaceAll('https://api.example.com', API_A)

  const blocks = blocksOf('sh')
  t.ok(blocks.length >= 6, 'the blocks were found')
  for (const block of blocks) {
    const elsewhere = RUN_BY_CI[block]
    if (elsewhere !== undefined) {
      for (const [file, words] of elsewhere) t.match(read(file), words, `${block}: in ${file}`)
      continue
    }
    const running = startProgram('bash', ['-euo', 'pipefail', '-c', mine(block)], home)
    if (block.startsWith('grantd login')) {
      const userCode = await running.printed(/^\s+([A-Z]{4}-[A-Z]{4})\s*$/m)
      await approveDevice(`${world.issuer.issuer}/device`, { userCode })
    }
    const { status, stderr } = await running.ended
    t.equal(status, 0, `${block}\n${stderr}`)
  }
  t.match(seen, ['GET /repos Bearer eyJ'], 'the API was called with a token')

  const [program = ''] = blocksOf('js')
  const inProgram = `${mine(program)}\nif (response.status !== 200) throw new Error(String(response.status))`
  // run from the tree, where the client is found by its name
  const asModule = ['--input-type=module', '--eval', inProgram]
  const ran = await startProgram(process.execPath, asModule, { ...home, directory: ROOT }).ended
  t.equal(ran.status, 0, ran.stderr)
  t.equal(seen.length, 2, 'by the program too')
})

t.test('every subcommand of the README’s table explains itself', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const commands = [...read('README.md').matchAll(/^\| `grantd ([a-z-]+)/gm)].map(
    ([, name]) => name ?? '',
  )
  t.ok(commands.length >= 8, 'the table was found')
  for (const name of commands) {
    const { status, stdout } = await world.run([name, '--help'])
    t.equal(status, 0, name)
    t.match(stdout, `grantd ${name}`, name)
  }
})
