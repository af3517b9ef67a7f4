import fc from 'fast-check'
import t from 'tap'
import { type AuditEntry, formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const AT = Date.UTC(2030, 0, 1)

t.test('a line says who got what, under names that never change', async (t) => {
  const entry: Required<AuditEntry> = {
    event: 'token.issued',
    peer: localPeer({ unit: 'backup.service' }),
    ancestors: [{ pid: 4000, executable: '/usr/bin/bash' }, { pid: 1 }],
    capability: 'ci',
    grant: 'work',
    grantId: 'AAAA',
    issuer: 'https://issuer.example',
    scope: ['a', 'b'],
    audience: 'https://api.example',
    token: 'ba7816bf8f01cfea',
    expiresInSeconds: 287,
    generation: 7,
    rule: 'built-in',
    wouldDeny: { rule: 'r', reason: 'no' },
    lifted: ['no writing', 'system:no relays'],
    systemPolicy: 'ab',
    userPolicy: 'cd',
    verified: true,
    provider: 'keychain',
    keyId: '0123456789abcdef',
    records: 3,
    reason: 'none',
    audit: { bytes: 3 },
    request: { grant: 'work', min_ttl: 60 },
  }
  const line = formatAuditEntry(entry, AT)
  t.ok(line.endsWith('}\n'))
  const record = JSON.parse(line) as object
  t.same(record, {
    time: '2030-01-01T00:00:00.000Z',
    event: 'token.issued',
    peer: {
      uid: 1000,
      pid: 4242,
      executable: '/usr/bin/git',
      unit: 'backup.service',
      class: 'local',
      ancestors: [{ pid: 4000, executable: '/usr/bin/bash' }, { pid: 1 }],
    },
    capability: 'ci',
    grant: 'work',
    grant_id: 'AAAA',
    issuer: 'https://issuer.example',
    scope: 'a b',
    audience: 'https://api.example',
    token: 'ba7816bf8f01cfea',
    expires_in: 287,
    generation: 7,
    rule: 'built-in',
    would_deny: { rule: 'r', reason: 'no' },
    lifted: 'no writing, system:no relays',
    system_policy: 'ab',
    user_policy: 'cd',
    verified: true,
    provider: 'keychain',
    key_id: '0123456789abcdef',
    records: 3,
    reason: 'none',
    audit: { bytes: 3 },
    request: { grant: 'work', min_ttl: 60 },
  })
  t.equal(Object.keys(record)[0], 'time', 'the time comes first')
})

t.test('what is not known is absent', async (t) => {
  const line = formatAuditEntry({ event: 'daemon.started', audience: undefined }, AT)
  t.equal(line, '{"time":"2030-01-01T00:00:00.000Z","event":"daemon.started"}\n')
})

t.test('no text breaks the line, draws on a terminal or shadows a key', async () => {
  const awkward = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\n', '\r\n', '\u2028', '\u0085', '\u009b2J', '\u001b[2J', '\ud800', '😀'),
    fc.constantFrom('","event":"token.issued', '"}\n{"event":"x"}', '\\', '__proto__'),
  )
  fc.assert(
    fc.property(
      awkward,
      awkward,
      fc.dictionary(awkward, awkward, { maxKeys: 3 }),
      (text, executable, request) => {
        const line = formatAuditEntry(
          {
            event: 'token.denied',
            peer: localPeer({ executable }),
            scope: [text],
            audience: text,
            request,
          },
          AT,
        )
        const record = JSON.parse(line) as Readonly<Record<string, unknown>>
        return (
          /^[\x20-\x7e]+\n$/.test(line) &&
          Object.keys(record).join() === 'time,event,peer,scope,audience,request' &&
          record['event'] === 'token.denied' &&
          record['audience'] === text &&
          (record['peer'] as { executable: string }).executable === executable &&
          JSON.stringify(record['request']) === JSON.stringify(request)
        )
      },
    ),
    { numRuns: 500 },
  )
})

t.test('a peer reads the same in its second line, and with its ancestors', async (t) => {
  const peer = localPeer({ executable: '/ä', unit: 'x'.repeat(4_097) })
  const line = formatAuditEntry({ event: 'token.issued', peer }, AT)
  t.equal(formatAuditEntry({ event: 'token.issued', peer }, AT), line)
  t.match(line, '"executable":"/\\u00e4"')
  t.match(line, 'xxx\\u2026 (4097 characters)"')
  const ancestors = [{ pid: 1, executable: '/sbin/init' }]
  const denied = formatAuditEntry({ event: 'token.denied', peer, ancestors }, AT)
  t.same((JSON.parse(denied) as { peer: object }).peer, {
    ...(JSON.parse(line) as { peer: object }).peer,
    ancestors,
  })
  const other = formatAuditEntry({ event: 'token.issued', peer: { ...peer, pid: 7 } }, AT)
  t.equal(other, line.replace('"pid":4242', '"pid":7'))
})

t.test('names that are cut to the same text are one member', async (t) => {
  const name = 'n'.repeat(300)
  const line = formatAuditEntry(
    {
      event: 'token.denied',
      request: { [`${name}a`]: 'x', [`${name}b`]: 'y', __proto__: null } as never,
    },
    AT,
  )
  t.same((JSON.parse(line) as { request: object }).request, {
    [`${'n'.repeat(256)}… (301 characters)`]: 'y',
  })
})

t.test('what a caller writes is cut, and its length is told', async (t) => {
  const request = { purpose: 'x'.repeat(256), scope: 'a'.repeat(4_096), min_ttl: 60, issuer: '' }
  const line = formatAuditEntry({ event: 'token.denied', request }, AT)
  t.same((JSON.parse(line) as { request: object }).request, {
    ...request,
    scope: `${'a'.repeat(256)}… (4096 characters)`,
  })
  t.ok(line.length < 1_024, 'a denied request is cheap to write down')
})

t.test('the longest scope, audience and path that can be granted are told whole', async (t) => {
  const scope = ['s'.repeat(2_047), 's'.repeat(2_048)]
  const audience = `https://${'a'.repeat(2_040)}`
  const executable = `/${'x'.repeat(4_095)}`
  const peer = localPeer({ executable })
  const line = formatAuditEntry({ event: 'token.issued', peer, scope, audience }, AT)
  t.match(JSON.parse(line), { peer: { executable }, scope: scope.join(' '), audience })
})

t.test('no line is longer than 16 KiB, whatever is in it, and it still is one', async (t) => {
  for (const character of ['a', '\u0001', 'ä', '😀', '"']) {
    const text = character.repeat(20_000)
    const names = Array.from({ length: 1_000 }, (_, index) => `${index}${text}`)
    const line = formatAuditEntry(
      {
        event: 'token.denied',
        peer: localPeer({ executable: text, unit: text, uid: 4_294_967_295, pid: 4_194_304 }),
        ancestors: Array.from({ length: 8 }, () => ({ pid: 4_194_304, executable: text })),
        grant: text,
        grantId: text,
        issuer: text,
        scope: [text],
        audience: text,
        token: text,
        rule: text,
        reason: text,
        request: Object.fromEntries(names.map((name) => [name, text])),
      },
      AT,
    )
    t.ok(line.length <= 16_384, `${line.length} bytes of ${JSON.stringify(character)}`)
    t.match(JSON.parse(line), {
      event: 'token.denied',
      audience: `${text.slice(0, 48)}… (${text.length} characters)`,
    })
  }
})
