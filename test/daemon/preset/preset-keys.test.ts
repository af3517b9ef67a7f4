import t from 'tap'
import { checkTable } from '../../../daemon/config/check-table.ts'
import { FACT_KINDS, FILE, PRESET_NAME } from '../../../daemon/preset/preset-keys.ts'

t.test('no key of any table could hold a secret or a client', async (t) => {
  for (const name of ['client_secret', 'client_id', 'secret', 'password', 'refresh_token'])
    for (const table of ['preset', 'issuer', 'fact'])
      t.match(checkTable({ [table]: { [name]: 'x' } }, FILE), { path: [table, name] }, name)
  for (const name of ['client_secret', 'client_id', 'redirect_uri', 'state', 'scope', 'resource'])
    t.match(checkTable({ authorization: { [name]: 'x' } }, FILE), { path: ['authorization', name] })
  t.equal(checkTable({ authorization: { access_type: 'offline' } }, FILE), undefined)
})

t.test('a fact is what the schema names, and nothing near it', async (t) => {
  t.equal(FACT_KINDS.rotation_grace.read(0), 0)
  t.equal(FACT_KINDS.rotation_grace.read(-1), undefined)
  t.equal(FACT_KINDS.access_token_lifetime.read('8h'), 28_800)
  t.same(FACT_KINDS.dead_errors.read('bad_refresh_token'), ['bad_refresh_token'])
  t.equal(FACT_KINDS.dead_errors.read('two words'), undefined)
})

t.test('a name is a file name and nothing more', async (t) => {
  for (const name of ['google', 'github-app', '0']) t.match(name, PRESET_NAME)
  for (const name of ['', 'A', '-a', 'a.b', '../a', 'a/b', 'a'.repeat(65)])
    t.notMatch(name, PRESET_NAME, name)
})
