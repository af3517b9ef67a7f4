import t from 'tap'
import { parseStates, SHOW_UNITS } from '../../../cli/doctor/unit-states.ts'

/** As systemd 252 prints it; a socket has no `MainPID`, and the order is its own. */
const OUTPUT = `MainPID=4242
Id=grantd.service
LoadState=loaded
ActiveState=active
NeedDaemonReload=yes
DropInPaths=/a/x.conf /a/y.conf

Id=grantd.socket
LoadState=not-found
ActiveState=inactive
NeedDaemonReload=no
DropInPaths=
`

t.test('what the service manager says of each unit', async (t) => {
  t.same(parseStates(OUTPUT), [
    {
      name: 'grantd.service',
      load: 'loaded',
      active: 'active',
      needsReload: true,
      mainPid: 4242,
      dropIns: '/a/x.conf /a/y.conf',
    },
    {
      name: 'grantd.socket',
      load: 'not-found',
      active: 'inactive',
      needsReload: false,
      mainPid: 0,
    },
  ])
  t.same(parseStates(''), [])
  t.same(parseStates('no such thing\n'), [])
})

t.test('one question for all units', async (t) => {
  t.same(SHOW_UNITS.slice(0, 2), ['--user', 'show'])
  t.same(SHOW_UNITS.slice(-3), ['grantd.service', 'grantd.socket', 'grantd-admin.socket'])
})
