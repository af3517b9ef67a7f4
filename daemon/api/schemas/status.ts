import { breakGlassDetail } from './break-glass.ts'
import { anyInteger, anyString, closed, stringMap } from './parts.ts'

const healthMembers = { status: anyString, version: anyString }

/** What every caller may know of the daemon. */
export const health = closed(healthMembers, ['status', 'version'])

const anomaly = closed(
  {
    time: anyString,
    event: anyString,
    reason: anyString,
    grant: anyString,
    capability: anyString,
    pid: anyInteger,
    class: anyString,
    executable: anyString,
  },
  ['time', 'event', 'reason'],
)

/** What its owner may know. */
export const status = closed(
  {
    ...healthMembers,
    pid: anyInteger,
    started_at: anyString,
    vault: closed({ kind: anyString, detail: anyString, hint: anyString }, ['kind', 'detail']),
    config: closed({ path: anyString, problem: anyString }, ['path']),
    grants: anyInteger,
    pending_logins: anyInteger,
    sockets: stringMap,
    activation: { enum: ['systemd', 'launchd', 'none'] },
    connections: closed({ open: anyInteger, refused_peers: anyInteger }, ['open', 'refused_peers']),
    counters: { type: 'object', additionalProperties: { type: 'integer' } },
    recent_anomalies: { type: 'array', items: anomaly },
    break_glass: { type: 'array', items: breakGlassDetail },
  },
  [
    'status',
    'version',
    'pid',
    'started_at',
    'vault',
    'config',
    'grants',
    'pending_logins',
    'sockets',
    'activation',
    'connections',
    'counters',
    'recent_anomalies',
  ],
)
