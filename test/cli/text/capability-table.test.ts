import t from 'tap'
import {
  addedText,
  capabilityTable,
  removedText,
  usesText,
} from '../../../cli/text/capability-table.ts'
import { CAPABILITY } from '../../fakes/cli-answers.ts'

const clock = { now: () => Date.UTC(2030, 0, 1) }

t.test('one line for each, with its count and its end', async (t) => {
  t.match(capabilityTable({ capabilities: [] }, clock), /^no capabilities/)
  const { uses: _uses, ...unlimited } = CAPABILITY
  const text = capabilityTable(
    { capabilities: [CAPABILITY, { ...unlimited, bound_pid: 7 }] },
    clock,
  )
  t.match(text, /2 of 10 +in 12 h +\/run/)
  t.match(text, / 2 +in 12 h, with process 7 +\/run/)
  t.equal(usesText({ name: 'ci', used: 2 }), '2')
})

t.test('nothing in a name or a path draws on a terminal', async (t) => {
  const evil = { ...CAPABILITY, name: 'a\u001b[2J', path: '/\u202e' }
  for (const text of [
    capabilityTable({ capabilities: [evil] }, clock),
    addedText(evil),
    removedText(evil),
  ])
    t.notOk(text.includes('\u001b') || text.includes('\u202e'))
})
