import type { DoctorFacts } from '../../cli/doctor/facts.ts'
import type { PathFact } from '../../cli/doctor/look.ts'
import type { ServiceFacts } from '../../cli/doctor/service-facts.ts'
import { GRANT, STATUS, VAULT } from './cli-answers.ts'

/** Ours on the machine below. */
export const UID = 1000

/** What its sockets lie in. */
export const DIRECTORY = {
  kind: 'present',
  type: 'directory',
  mode: 0o700,
  uid: UID,
} as const satisfies PathFact

/** Each of them. */
export const SOCKET = {
  kind: 'present',
  type: 'socket',
  mode: 0o600,
  uid: UID,
} as const satisfies PathFact

/** A service that is installed and runs. */
export const SERVICE = {
  unit: {
    kind: 'present',
    path: '/home/ada/.config/systemd/user/grantd.service',
    isOurs: true,
    command: {
      program: { path: '/usr/bin/node', target: '/usr/bin/node' },
      script: { path: '/opt/grantd/main.js', target: '/opt/grantd/main.js' },
    },
  },
  states: [
    { name: 'grantd.service', load: 'loaded', active: 'active', needsReload: false, mainPid: 4242 },
    { name: 'grantd.socket', load: 'loaded', active: 'active', needsReload: false, mainPid: 0 },
    {
      name: 'grantd-admin.socket',
      load: 'loaded',
      active: 'active',
      needsReload: false,
      mainPid: 0,
    },
  ],
  node: '/usr/bin/node',
  script: '/opt/grantd/main.js',
  lingers: true,
  isRemote: true,
} as const satisfies ServiceFacts

/** A machine on which all is well. */
export const WELL: DoctorFacts = {
  nodeVersion: '22.1.0',
  platform: 'linux',
  uid: UID,
  isFindable: true,
  directory: { path: '/run/grantd', fact: DIRECTORY },
  sockets: {
    broker: { path: '/run/grantd/broker.sock', fact: SOCKET },
    admin: { path: '/run/grantd/admin.sock', fact: SOCKET },
  },
  health: { kind: 'answer', value: STATUS },
  hangingPid: undefined,
  status: { kind: 'answer', value: STATUS },
  vault: { kind: 'answer', value: VAULT },
  policy: {
    kind: 'answer',
    value: {
      files: [{ level: 'user', path: STATUS.config.path, sha256: 'a'.repeat(64) }],
      mode: 'enforce',
      rules: [],
    },
  },
  grants: [GRANT],
  configFile: { kind: 'present', type: 'other', mode: 0o600, uid: UID },
  service: SERVICE,
  system: { ptraceScope: '1', corePattern: 'core', swaps: [] },
  isUnswappable: false,
  openness: 'closed',
  leftovers: [],
  clocks: {
    clocks: [{ issuer: GRANT.issuer, answer: { kind: 'date', offsetMs: 200 } }],
    unasked: 0,
  },
}
