import t from 'tap'
import { takeSockets } from '../../../daemon/listener/take-sockets.ts'

const PID = 4_242

function taken(platform: NodeJS.Platform) {
  const asked: string[] = []
  const sockets = takeSockets({
    platform,
    environment: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'broker', LISTEN_PID: `${PID}` },
    pid: PID,
    launchSockets: (name) => {
      asked.push(name)
      return name === 'admin' ? [7] : []
    },
    pathOf: (fd) => `/run/${fd}`,
  })
  return { asked, sockets }
}

t.test('launchd is asked on macOS alone, and systemd everywhere else', async (t) => {
  t.same(taken('linux'), {
    asked: [],
    sockets: { activation: 'systemd', broker: { fd: 3, path: '/run/3' }, capabilities: [] },
  })
  t.match(taken('darwin'), {
    asked: ['broker', 'admin', 'capability', 'agent'],
    sockets: { activation: 'launchd', admin: { fd: 7, path: '/run/7' }, capabilities: [] },
  })
  t.equal(taken('darwin').sockets.broker, undefined)
})
