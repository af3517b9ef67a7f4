import t from 'tap'
import { isSafeAddress } from '../../../daemon/issuer/address.ts'

t.test('https passes, and http on the loopback address where it was asked for', async (t) => {
  t.ok(isSafeAddress('https://as.example/device?user_code=AB-CD', false))
  t.ok(isSafeAddress('http://127.0.0.1:8080/device', true))
  t.ok(isSafeAddress('http://[::1]:8080/device', true))
})

t.test('everything else is refused', async (t) => {
  const refused = [
    'http://as.example/',
    'http://localhost:8080/',
    'http://127.0.0.1.evil.example/',
    'http://127.0.0.1@evil.example/',
    'https://user@as.example/',
    'https://:password@as.example/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '/device',
    'https://as.example/\u001b[2J',
    'https://as.example/\u202eecived',
    'https://as.example/a b',
    'https://as.example/\n',
    `https://as.example/${'a'.repeat(9000)}`,
    'https://',
    '',
    undefined,
    null,
    7,
  ]
  for (const address of refused) t.notOk(isSafeAddress(address, true), String(address).slice(0, 60))
  t.notOk(isSafeAddress('http://127.0.0.1:8080/device', false), 'loopback unasked')
})
