import t from 'tap'
import {
  type Choice,
  type ConsentWish,
  choiceLabel,
  choiceWord,
  isEnough,
  offeredChoices,
  spelled,
} from '../../../daemon/consent/choice.ts'

t.test('no more is offered than the rule gives', async (t) => {
  t.same(offeredChoices('always'), ['once'])
  t.same(offeredChoices('once'), ['once', 'process'])
  t.same(offeredChoices({ seconds: 900 }), ['once', { seconds: 900 }])
})

t.test('an earlier yes is enough only for a rule that wants no more', async (t) => {
  const cases: readonly [Choice, ageSeconds: number, ConsentWish, boolean][] = [
    ['once', 0, 'once', false],
    ['once', 0, { seconds: 900 }, false],
    ['process', 0, 'always', false],
    [{ seconds: 900 }, 0, 'always', false],
    ['process', 1e9, 'once', true],
    ['process', 899, { seconds: 900 }, true],
    ['process', 900, { seconds: 900 }, false],
    [{ seconds: 900 }, 899, 'once', true],
    [{ seconds: 900 }, 900, 'once', false],
    [{ seconds: 900 }, 59, { seconds: 60 }, true],
    [{ seconds: 900 }, 60, { seconds: 60 }, false],
    [{ seconds: 60 }, 60, { seconds: 900 }, false],
  ]
  for (const [choice, age, wish, expected] of cases)
    t.equal(isEnough(choice, age, wish), expected, JSON.stringify([choice, age, wish]))
})

t.test('a button says what it gives', async (t) => {
  t.equal(choiceLabel('once'), 'Allow once')
  t.equal(choiceLabel('process'), 'Allow for this process')
  t.equal(choiceLabel({ seconds: 900 }), 'Allow for 15 minutes')
  t.same([1, 59, 60, 90, 3_600, 86_400, 172_800].map(spelled), [
    '1 second',
    '59 seconds',
    '1 minute',
    '90 seconds',
    '1 hour',
    '1 day',
    '2 days',
  ])
})

t.test('the record has one word for it', async (t) => {
  const choices: readonly Choice[] = ['once', 'process', { seconds: 900 }]
  t.same(choices.map(choiceWord), ['once', 'process', '15m'])
})
