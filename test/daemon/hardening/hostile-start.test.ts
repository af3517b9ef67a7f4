import t from 'tap'
import { hostileStart, type Start } from '../../../daemon/hardening/hostile-start.ts'

const PLAIN: Start = {
  environment: {},
  nodeArguments: [],
  inspectorAddress: undefined,
  isWorker: false,
}

const HOSTILE: readonly string[] = [
  '--inspect',
  '--inspect=0.0.0.0:9229',
  '--inspect-brk',
  '--inspect_brk=1',
  '--inspect-port=0',
  '--debug-port=1',
  '--require=./agent.cjs',
  '-r',
  '-r./agent.cjs',
  '--import=file:///agent.mjs',
  '--import',
  '--loader=x',
  '--experimental-loader=x',
  '--experimental_loader=x',
  '--snapshot-blob=./agent.blob',
  '--experimental-policy=policy.json',
  '--experimental-config-file=node.config.json',
  '--experimental-default-config-file',
  '--openssl-config=openssl.cnf',
  '--openssl-shared-config',
  '--heapsnapshot-signal=SIGUSR2',
  '--heapsnapshot-near-heap-limit=3',
  '--heap-prof',
  '--abort-on-uncaught-exception',
  '--report-on-signal',
  '--experimental-report',
  '--tls-keylog=/dev/shm/keys',
  '--trace-tls',
  '--insecure-http-parser',
  '--tls-min-v1.0',
]

const HARMLESS: readonly string[] = [
  '--max-old-space-size=4096',
  '--no-warnings',
  '--disable-proto=throw',
  '--disable-sigusr1',
  '--no-inspect',
  '--secure-heap=65536',
  '--unhandled-rejections=strict',
  '--require-module',
  '--node-snapshot',
  '--openssl-legacy-provider',
]

t.test('what lets others look at our memory is refused, wherever it stands', async (t) => {
  for (const option of HOSTILE) {
    t.match(hostileStart({ ...PLAIN, nodeArguments: ['--no-warnings', option] }), /command line/)
    const environment = { NODE_OPTIONS: `--no-warnings ${option} --no-warnings` }
    t.match(hostileStart({ ...PLAIN, environment }), /in NODE_OPTIONS/, option)
  }
})

t.test('it is named without its value, which may be a path', async (t) => {
  const environment = { NODE_OPTIONS: '--require=/home/me/agent.cjs' }
  t.equal(hostileStart({ ...PLAIN, environment }), '"--require" in NODE_OPTIONS loads other code')
})

t.test('quotes and backslashes hide nothing', async (t) => {
  for (const text of ['"--require" "./a b.cjs"', '"--req"uire=x', '  "-r" x', '"\\--import" x'])
    t.match(hostileStart({ ...PLAIN, environment: { NODE_OPTIONS: text } }), /loads other code/)
})

t.test('a worker would wait for its cluster for ever', async (t) => {
  t.match(hostileStart({ ...PLAIN, isWorker: true }), /NODE_UNIQUE_ID/)
})

t.test('what only sets how Node runs is nobody’s business', async (t) => {
  t.equal(hostileStart(PLAIN), undefined)
  t.equal(hostileStart({ ...PLAIN, nodeArguments: HARMLESS }), undefined)
  for (const option of HARMLESS)
    t.equal(hostileStart({ ...PLAIN, environment: { NODE_OPTIONS: option } }), undefined, option)
  const values = { NODE_OPTIONS: '', NODE_DEBUG: '', NODE_TLS_REJECT_UNAUTHORIZED: '1' }
  t.equal(hostileStart({ ...PLAIN, environment: values }), undefined)
})

t.test('so are a debugger that listens, and variables that print or trust too much', async (t) => {
  t.match(hostileStart({ ...PLAIN, inspectorAddress: 'ws://127.0.0.1:9229/x' }), /debugger/)
  for (const [name, value] of [
    ['NODE_DEBUG', 'http'],
    ['NODE_DEBUG_NATIVE', 'tls'],
    ['OPENSSL_CONF', '/home/me/openssl.cnf'],
    ['OPENSSL_MODULES', '/home/me'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ] as const)
    t.match(hostileStart({ ...PLAIN, environment: { [name]: value } }), new RegExp(name))
})
