import t from 'tap'
import { takeStatedMetadata } from '../../../daemon/issuer/stated-metadata.ts'

const METADATA = {
  issuer: 'https://as.example',
  token_endpoint: 'https://as.example/token',
  token_endpoint_auth_methods_supported: ['none'],
}

t.test('addresses that are https are taken as they are', async (t) => {
  t.same(takeStatedMetadata(METADATA, false), { kind: 'found', metadata: METADATA })
})

t.test('one that is not refuses all', async (t) => {
  for (const name of ['issuer', 'token_endpoint', 'device_authorization_endpoint'])
    for (const address of ['http://as.example/x', '--flag', 'javascript:alert(1)', 'https://u@a/'])
      t.same(
        takeStatedMetadata({ ...METADATA, [name]: address }, true),
        { kind: 'no_issuer', reason: `"${name}" is not an https address` },
        `${name} ${address}`,
      )
  const local = { ...METADATA, token_endpoint: 'http://127.0.0.1:8080/token' }
  t.equal(takeStatedMetadata(local, false).kind, 'no_issuer')
  t.equal(takeStatedMetadata(local, true).kind, 'found', 'where a developer asked for it')
})
