import t from 'tap'
import { presetPage, presetTable } from '../../../cli/text/preset-page.ts'
import { BARE_PRESET } from '../../fakes/bare-preset.ts'

t.test('a list says whose each is, and what is wrong', async (t) => {
  const text = presetTable({
    presets: [
      { preset: 'a', origin: 'built_in', title: 'A' },
      { preset: 'b', origin: 'user', replaces_built_in: true, title: 'B\u001b[31m' },
      { preset: 'c', origin: 'user', problem: '/c.toml:1:1: no' },
    ],
  })
  t.same(text.split('\n'), [
    'PRESET  FROM                     ISSUER',
    'a       grantd                   A',
    'b       you, in place of grantd  B\ufffd[31m',
    'c       you                      broken: /c.toml:1:1: no',
    '',
  ])
})

t.test('a page says every fact and how it is known', async (t) => {
  const text = presetPage({
    preset: 'as',
    origin: 'built_in',
    title: 'AS',
    documentation: 'https://docs.example',
    client_registration: 'https://as.example/apps',
    default_scope: 'read',
    values: [
      { name: 'host', kind: 'host', text: 'where', default: 'as.example' },
      { name: 'realm', kind: 'label', text: 'which' },
    ],
    identifier: 'https://{host}/{realm}',
    discovery: false,
    endpoints: { token_endpoint: 'https://{host}/token' },
    authorization: { access_type: 'offline' },
    facts: [
      { fact: 'access_token_lifetime', is: '7200', known: 'believed' },
      { fact: 'rotation', is: 'each', known: 'documented', source: 'https://docs.example' },
    ],
  })
  t.match(text, /^preset +as\nissuer +AS\nfrom +grantd\n/)
  t.match(text, /^token_endpoint +https:\/\/\{host\}\/token$/m)
  t.match(
    text,
    /^a login says:\n {2}host +where; as\.example unless said otherwise\n {2}realm +which$/m,
  )
  t.match(text, /^the browser takes along:\n {2}access_type +offline$/m)
  t.match(text, /^ {2}access_token_lifetime +2 h +believed$/m)
  t.match(text, /^ {2}rotation +each +documented +https:\/\/docs\.example$/m)
  const found = presetPage(BARE_PRESET)
  t.match(found, /^endpoints +the issuer names them itself$/m)
  t.notMatch(found, /facts|a login says|browser/)
})
