import t from 'tap'
import { connectTo } from '../../cli/connect.ts'
import { STATUS } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { scene } from '../fakes/cli-session.ts'

t.test('the command says who it is', async (t) => {
  const { daemon } = await scene(t, { 'broker GET /v1/health': () => ok(STATUS) })
  const connection = connectTo(daemon.socketPath('broker'))
  t.same(await connection.request({ method: 'GET', path: '/v1/health' }), STATUS)
  t.match(daemon.seen[0]?.headers, { 'grantd-client': /^grantd-cli\/\d+\.\d+\.\d+$/ })
})
