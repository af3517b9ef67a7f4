import t from 'tap'
import { defaultFlow } from '../../cli/login-flow.ts'

t.test('a browser only where a person sits at a local display', async (t) => {
  const cases: [string, Parameters<typeof defaultFlow>[0], string][] = [
    ['X11', { env: { DISPLAY: ':0' }, platform: 'linux', isTerminal: true }, 'browser'],
    ['Wayland', { env: { WAYLAND_DISPLAY: 'w' }, platform: 'linux', isTerminal: true }, 'browser'],
    ['a Mac', { env: {}, platform: 'darwin', isTerminal: true }, 'browser'],
    ['no display', { env: { DISPLAY: '' }, platform: 'linux', isTerminal: true }, 'device'],
    ['no person', { env: { DISPLAY: ':0' }, platform: 'linux', isTerminal: false }, 'device'],
    [
      'ssh with X11 forwarding',
      { env: { DISPLAY: ':10', SSH_CONNECTION: '::1' }, platform: 'linux', isTerminal: true },
      'device',
    ],
    [
      'ssh to a Mac',
      { env: { SSH_CONNECTION: '::1' }, platform: 'darwin', isTerminal: true },
      'device',
    ],
  ]
  for (const [name, place, flow] of cases) t.equal(defaultFlow(place), flow, name)
})
