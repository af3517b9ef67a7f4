import t from 'tap'
import { reportVault } from '../../../daemon/broker/report-vault.ts'

t.test('what is not known is absent', async (t) => {
  const least = { state: 'locked', records: 0, broken: [], isRekeying: false } as const
  t.same(reportVault(least), { state: 'locked', records: 0, broken: [], rekey_unfinished: false })
})

t.test('all that is known is told', async (t) => {
  const broken = [{ file: 'a.grant', reason: 'sealed on another machine' }]
  t.same(
    reportVault({
      state: 'locked',
      provider: 'passphrase',
      keyId: '0123456789abcdef',
      records: 3,
      broken,
      isRekeying: true,
      lockedBy: 'idle',
      needs: 'passphrase',
      reason: 'it is locked',
      hint: 'grantd unlock',
    }),
    {
      state: 'locked',
      provider: 'passphrase',
      key_id: '0123456789abcdef',
      records: 3,
      broken,
      rekey_unfinished: true,
      locked_by: 'idle',
      needs: 'passphrase',
      reason: 'it is locked',
      hint: 'grantd unlock',
    },
  )
})
