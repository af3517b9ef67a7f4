import t from 'tap'
import { isIssuerName, isNameOf } from '../../../daemon/issuer/issuer-name.ts'

t.test('an issuer has no query, no fragment and is no document', async (t) => {
  for (const issuer of [
    'https://as.example',
    'https://as.example/',
    'https://as.example/realms/one',
    'https://as.example/well-known/x',
    'https://as.example/a.well-known/',
  ])
    t.ok(isIssuerName(issuer), issuer)
  for (const issuer of [
    'https://as.example/.well-known/openid-configuration',
    'https://as.example/realms/.well-known/x',
    'https://as.example/.well-known',
    'https://as.example\\.well-known\\x',
    'https://as.example/a/../.well-known/x',
    'https://as.example/x?p=policy',
    'https://as.example/x?',
    'https://as.example/#part',
    'https://as.example/#',
  ])
    t.notOk(isIssuerName(issuer), issuer)
})

t.test('a document belongs to the issuer it names, letter by letter', async (t) => {
  const common = 'https://login.microsoftonline.com/common/v2.0'
  const template = 'https://login.microsoftonline.com/{tenantid}/v2.0'
  const table: readonly (readonly [unknown, string, boolean])[] = [
    ['https://as.example', 'https://as.example', true],
    ['https://as.example/', 'https://as.example', true],
    ['https://as.example', 'https://as.example/', true],
    ['https://as.example/a/', 'https://as.example/a', true],
    [template, common, true],
    [common, common, true],
    ['https://as.example//', 'https://as.example', false],
    ['https://as.example/A', 'https://as.example/a', false],
    ['https://AS.example', 'https://as.example', false],
    ['https://as.example:443', 'https://as.example', false],
    ['https://as.example/a', 'https://as.example', false],
    ['https://as.example.evil', 'https://as.example', false],
    ['http://as.example', 'https://as.example', false],
    [template, 'https://as.example', false],
    ['https://sts.windows.net/x', common, false],
    ['https://as.example/{tenantid}', 'https://as.example/x', false],
    ['', 'https://as.example', false],
    [7, 'https://as.example', false],
    [undefined, 'https://as.example', false],
  ]
  for (const [said, asked, isName] of table) {
    t.equal(isNameOf(said, asked), isName, `${String(said)} for ${asked}`)
  }
})
