import t from 'tap'
import { answers, noQuery } from '../../../../daemon/api/schemas/answers.ts'
import { health } from '../../../../daemon/api/schemas/status.ts'
import { testCases } from './is-valid.ts'

t.test(
  'every answer has the schema of its status class, errors the one of a problem',
  async (t) => {
    const { '2xx': good, '4xx': wrong, '5xx': broken } = answers(health)
    t.equal(good, health)
    t.equal(wrong, broken)
    t.match(wrong, { required: ['type', 'title', 'status', 'code', 'detail'] })
  },
)

testCases([
  ['no query', noQuery, {}, true],
  ['a query of nobody', noQuery, { scope: 'zzz' }, false],
])
