import fc from 'fast-check'
import t from 'tap'
import { questionText } from '../../../daemon/consent/question-text.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

const MAX = 990

t.test('the person sees who asks for what', async (t) => {
  const question = sampleQuestion({
    ancestors: () => [{ pid: 4100, executable: '/usr/bin/bash' }, { pid: 1 }],
    lifetimeSeconds: 900,
  })
  t.equal(
    questionText(question, MAX),
    `A program asks grantd for an access token.

Program:     "/usr/bin/tool" (4242)
Started by:  "bash" (4100), by unknown (1)
Grant:       "work"
Scope:       "repo:read"
Audience:    "https://api.example"
Lifetime:    15 minutes
Purpose:     "git fetch", it says`,
  )
})

t.test('lifting rules is another question, and says what it does', async (t) => {
  const lifting = {
    class: 'local',
    seconds: 900,
    reason: 'roll "back"\nGrant: x',
    rules: ['no writing', 'system:short'],
  } as const
  t.equal(
    questionText(sampleQuestion({ listener: 'admin', lifting }), MAX),
    `A program asks grantd to lift rules for a while.

Program:     "/usr/bin/tool" (4242)
Grant:       "work"
For:         the class local, for 15 minutes
Lifts:       "no writing, system:short"
Reason:      "roll \\"back\\"\\u{a}Grant: x", it says
Listener:    "admin"`,
  )
})

t.test('what is not known or not usual is said', async (t) => {
  const { executable: _unread, ...nobody } = samplePeer({ class: 'relay' })
  const text = questionText(
    sampleQuestion({
      peer: nobody,
      listener: 'capability',
      scope: [],
      audience: undefined,
      lifetimeSeconds: undefined,
      purpose: undefined,
      forwardedFrom: 'build.example',
    }),
    MAX,
  )
  t.match(text, 'Program:     "unknown" (4242)')
  t.match(text, 'Scope:       none')
  t.match(text, 'Lifetime:    as the issuer says')
  t.match(text, 'Listener:    "capability"')
  t.match(text, 'Class:       relay: it passes on what somebody else asks')
  t.match(text, 'From:        "build.example"')
  t.notMatch(text, /Audience|Purpose|Started by/)
})

t.test('no text of somebody else looks like a fact, however it is broken', async (t) => {
  const fact = /^[A-Z][a-z ]+:/
  const lines = fc.array(
    fc.constantFrom(
      'Grant: "bank"',
      'Scope:',
      'x'.repeat(57),
      ' ',
      '\n',
      '\r\n',
      '"',
      '\\',
      '\u2028',
    ),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(lines, fc.string({ unit: 'binary', maxLength: 200 }), (words, rest) => {
      const evil = words.join(' ') + rest
      const text = questionText(
        sampleQuestion({
          peer: samplePeer({ executable: `/${evil}` }),
          ancestors: () => Array.from({ length: 9 }, (_, pid) => ({ pid, executable: evil })),
          scope: [evil],
          audience: evil,
          purpose: evil,
          forwardedFrom: evil,
        }),
        MAX,
      )
      const names = text.split('\n').filter((line) => fact.test(line))
      t.same(
        names.map((line) => line.slice(0, line.indexOf(':'))),
        ['Program', 'Started by', 'Grant', 'Scope', 'Audience', 'Lifetime', 'Purpose', 'From'],
      )
      t.ok(text.split('\n').every((line) => /^[ -~]{0,70}$/.test(line)))
      t.ok(text.replaceAll('\n', '%0A').length <= MAX)
    }),
  )
})

t.test('a line that is full goes on where no fact can begin', async (t) => {
  for (let filled = 0; filled < 140; filled += 1) {
    const text = questionText(sampleQuestion({ purpose: `${'x'.repeat(filled)}Grant: bank` }), MAX)
    t.equal(text.match(/^Grant:/gm)?.length, 1, String(filled))
  }
})

t.test('megabytes fit on one screen', async (t) => {
  const much = '\u{1f600}"\n'.repeat(400_000)
  const text = questionText(
    sampleQuestion({
      peer: samplePeer({ executable: much, class: 'unidentified' }),
      ancestors: () => Array.from({ length: 8 }, () => ({ pid: 4_194_304, executable: much })),
      listener: 'capability',
      grant: 'g'.repeat(64),
      scope: [much],
      audience: much,
      purpose: much,
      forwardedFrom: much,
    }),
    MAX,
  )
  t.ok(text.replaceAll('\n', '%0A').length <= MAX, String(text.length))
  t.match(text, `"${'g'.repeat(56)}`)
})
