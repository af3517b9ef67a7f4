import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parsePreset } from '../daemon/preset/parse-preset.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'presets')
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.toml'))

/** The issuers people really use; to take one away is a decision. */
const SHIPPED = [
  'atlassian',
  'auth0',
  'aws-sso',
  'bitbucket',
  'dropbox',
  'entra',
  'github-app',
  'github-oauth-app',
  'gitlab',
  'google',
  'huggingface',
  'keycloak',
  'oauth',
  'oidc',
  'okta',
  'slack',
  'spotify',
]

t.test('every preset is shipped and fits the schema', async (t) => {
  t.same(FILES.map((file) => file.replace('.toml', '')).sort(), SHIPPED)
  for (const file of FILES) {
    const read = parsePreset(file.replace('.toml', ''), readFileSync(join(FOLDER, file), 'utf8'))
    t.match(read, { preset: { documentation: /^https:/ } }, file)
    if ('problem' in read) continue
    const { facts } = read.preset
    t.ok(
      Object.values(facts).every(({ known }) => known !== 'observed'),
      `${file}: nobody has asked it from here, so nothing is observed`,
    )
    const isGeneric = file === 'oidc.toml' || file === 'oauth.toml'
    t.equal(facts.errors === undefined, isGeneric, `${file}: says in which form it answers`)
  }
})

t.test('no preset has a secret or a client in it', async (t) => {
  for (const file of FILES) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    // long words without a vowel pattern are ids and keys; addresses have slashes
    t.notMatch(text, /["'][A-Za-z0-9_-]{24,}["']/, file)
    t.notMatch(text, /client_id\s*=|secret\s*=/, file)
  }
})
