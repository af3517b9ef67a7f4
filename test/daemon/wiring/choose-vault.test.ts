import t from 'tap'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { chooseVault } from '../../../daemon/wiring/choose-vault.ts'
import { shortDirectory } from '../../fakes/short-directory.ts'

t.test('a broken configuration opens no vault, and a sound one the vault it names', async (t) => {
  const { signal } = new AbortController()
  const options = {
    paths: { stateDirectory: shortDirectory(t) },
    environment: {},
    uid: process.getuid?.() ?? -1,
  }
  const memory = {
    ...DEFAULT_CONFIG,
    vault: { sealingKey: 'memory' as const },
    ceiling: {},
    policy: NO_RULES,
  }
  const sound = chooseVault(options, { current: () => memory })
  const opened = await sound.open({ passphrase: undefined, isPersonWaiting: false, signal })
  t.match(JSON.stringify(opened), /memory/)
  const broken = chooseVault(options, {
    current: () => {
      throw new Error('broken')
    },
  })
  await t.rejects(
    async () => await broken.open({ passphrase: undefined, isPersonWaiting: false, signal }),
  )
})

t.test('a keychain is asked on the bus it was told of, and on no other', async (t) => {
  const { signal } = new AbortController()
  const options = {
    paths: { stateDirectory: shortDirectory(t) },
    environment: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
    uid: process.getuid?.() ?? -1,
  }
  const keychain = {
    ...DEFAULT_CONFIG,
    vault: { sealingKey: 'keychain' as const },
    ceiling: {},
    policy: NO_RULES,
  }
  const maker = chooseVault(options, { current: () => keychain })
  const opened = await maker.open({ passphrase: undefined, isPersonWaiting: false, signal })
  t.match(opened, { kind: 'locked', reason: /keychain/ })
})
