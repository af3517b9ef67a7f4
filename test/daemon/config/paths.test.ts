import t from 'tap'
import { choosePaths, type PathSources, type Paths } from '../../../daemon/config/paths.ts'

const bare: PathSources = {
  environment: {},
  uid: 1000,
  home: '/home/me',
  platform: 'linux',
  temporaryDirectory: '/tmp',
  exists: () => false,
}

const DEFAULTS: Paths = {
  runtimeDirectory: '/tmp/grantd-1000',
  stateDirectory: '/home/me/.local/state/grantd',
  configFile: '/home/me/.config/grantd/config.toml',
}

t.test('paths come from what was given, then the environment, then the system', async (t) => {
  const environment = {
    XDG_RUNTIME_DIR: '/run/user/7',
    XDG_STATE_HOME: '/state',
    XDG_CONFIG_HOME: '/config',
  }
  const relative = { XDG_RUNTIME_DIR: 'run', XDG_STATE_HOME: '', XDG_CONFIG_HOME: './config' }
  const given: Paths = { runtimeDirectory: '/a', stateDirectory: '/b', configFile: '/c.toml' }
  const hasRun = { exists: (path: string) => path === '/run/user/1000' }
  const ofEnvironment: Paths = {
    runtimeDirectory: '/run/user/7/grantd',
    stateDirectory: '/state/grantd',
    configFile: '/config/grantd/config.toml',
  }
  const ofSystem = { ...DEFAULTS, runtimeDirectory: '/run/user/1000/grantd' }
  const ofMac: Paths = {
    ...DEFAULTS,
    runtimeDirectory: '/home/me/Library/Application Support/grantd/run',
  }
  const table: readonly (readonly [string, Partial<Paths>, Partial<PathSources>, Paths])[] = [
    ['nothing', {}, {}, DEFAULTS],
    ['the environment', {}, { environment }, ofEnvironment],
    ['the environment before the system', {}, { environment, ...hasRun }, ofEnvironment],
    ['the system', {}, hasRun, ofSystem],
    ['relative paths in the environment are ignored', {}, { environment: relative }, DEFAULTS],
    ['relative paths, and the system', {}, { environment: relative, ...hasRun }, ofSystem],
    ['macOS', {}, { platform: 'darwin', ...hasRun }, ofMac],
    ['macOS, and the environment', {}, { platform: 'darwin', environment }, ofEnvironment],
    ['what was given', given, { environment, ...hasRun }, given],
    [
      'what was given in part',
      { stateDirectory: '/b' },
      { environment },
      { ...ofEnvironment, stateDirectory: '/b' },
    ],
  ]
  for (const [what, explicit, sources, expected] of table)
    t.same(choosePaths(explicit, { ...bare, ...sources }), expected, what)
})

t.test('nothing lies in the directory we start in, where there is no home', async (t) => {
  const error = { name: 'StartupError', message: /the home directory ".*" is not an absolute path/ }
  for (const home of ['', 'me', './me']) {
    t.throws(() => choosePaths({}, { ...bare, home }), error)
    t.throws(() => choosePaths({ stateDirectory: '/b' }, { ...bare, home }), error)
    t.throws(() => choosePaths({ configFile: '/c.toml' }, { ...bare, home }), error)
    const places = { stateDirectory: '/b', configFile: '/c.toml' }
    t.match(choosePaths(places, { ...bare, home }), places)
    t.throws(() => choosePaths(places, { ...bare, home, platform: 'darwin' }), error)
  }
})
