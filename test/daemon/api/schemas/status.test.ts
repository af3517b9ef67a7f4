import { status } from '../../../../daemon/api/schemas/status.ts'
import { STATUS } from '../../../fakes/cli-answers.ts'
import { testCases } from './is-valid.ts'

const time = '2030-01-01T00:00:00.000Z'
const anomaly = { time, event: 'anomaly.burst', reason: 'many' }

testCases([
  ['a daemon', status, STATUS, true],
  ['an anomaly', status, { ...STATUS, recent_anomalies: [anomaly] }, true],
  ['half an anomaly', status, { ...STATUS, recent_anomalies: [{ time }] }, false],
  ['more of it', status, { ...STATUS, recent_anomalies: [{ ...anomaly, token: 'x' }] }, false],
])
