import fc from 'fast-check'
import t from 'tap'
import { fillTemplate, originIn, valueProblem, valuesIn } from '../../../daemon/preset/template.ts'

t.test('a value leads neither to another host nor up a path', async (t) => {
  const good = {
    host: ['gitlab.com', 'git.example.com:8443', 'a', 'x-1.example', '127.0.0.1:8080'],
    label: ['master', 'eu-central-1', 'contoso.onmicrosoft.com', 'My_Realm', '0f8b-2'],
    address: ['https://as.example', 'https://as.example/realm/x', 'http://127.0.0.1:8080/token'],
  } as const
  const bad = {
    host: [
      '',
      'a/b',
      'user@host',
      'a..b',
      '.a',
      'a.',
      '-a',
      'a-',
      'A.example',
      'a:0',
      'a:b',
      'a b',
      'a\n',
      'a?b',
      'a#b',
      'a%2fb',
      '[::1]',
      '1',
      'a.1',
      '0x7f.1',
      '010.0.0.1',
      'a:65536',
      'x'.repeat(254),
    ],
    label: [
      '',
      'a/b',
      'a@b',
      '..',
      'a..b',
      '.a',
      'a.',
      'a b',
      'a%2e',
      'a:b',
      'a\n',
      'x'.repeat(129),
    ],
    address: [
      '',
      'as.example',
      'ftp://as.example',
      'https://user@as.example',
      'https://as.example/../x',
      'https://as.example\\x',
      'https://as.example?x',
      'https://as.example#x',
      'https://as.example/a b',
      'https://as.example/{x}',
      'https://',
      `https://${'x'.repeat(2001)}`,
    ],
  } as const
  for (const kind of ['host', 'label', 'address'] as const) {
    for (const value of good[kind])
      t.equal(valueProblem(kind, value), undefined, `${kind} ${value}`)
    for (const value of bad[kind])
      t.match(valueProblem(kind, value), /^must be /, `${kind} ${JSON.stringify(value)}`)
  }
})

t.test('values stand where they are named', async (t) => {
  const template = 'https://{host}/realms/{realm}/{host}'
  t.same(valuesIn(template), ['host', 'realm', 'host'])
  const values = new Map([
    ['host', 'a.example'],
    ['realm', '{host}'],
  ])
  t.equal(fillTemplate(template, values), 'https://a.example/realms/{host}/a.example', 'once only')
  t.equal(originIn(template), 'https://{host}')
  t.equal(originIn('https://a.example'), 'https://a.example')
  t.equal(originIn('{issuer}'), '{issuer}')
})

t.test('no value that is taken changes what stands around it', async (t) => {
  const sign = fc.constantFrom(...'abc17Ba1c.-_/@:%?#\\ '.split(''))
  const value = fc.array(sign, { minLength: 1, maxLength: 5 }).map((signs) => signs.join(''))
  let taken = 0
  fc.assert(
    fc.property(fc.constantFrom('host' as const, 'label' as const), value, (kind, said) => {
      if (valueProblem(kind, said) !== undefined) return true
      taken += 1
      if (kind === 'label') return new URL(`https://as.example/${said}/x`).pathname === `/${said}/x`
      const { protocol, username, pathname } = new URL(`https://${said}/x`)
      return `${protocol}${username}${pathname}` === 'https:/x'
    }),
    { numRuns: 2_000, seed: 7 },
  )
  t.ok(taken > 100, 'and many were taken')
})
