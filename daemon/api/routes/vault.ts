import type {
  VaultInitRequest,
  VaultRekeyRequest,
  VaultUnlockRequest,
} from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import { initVault } from '../../broker/init-vault.ts'
import { lockVault } from '../../broker/lock-vault.ts'
import { rekeyVault } from '../../broker/rekey-vault.ts'
import { reportVault } from '../../broker/report-vault.ts'
import { unlockVault } from '../../broker/unlock-vault.ts'
import type { VaultRooms } from '../../broker/vault-rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import {
  vaultInitRequest,
  vaultRekeyRequest,
  vaultStatus,
  vaultUnlockRequest,
} from '../schemas/vault.ts'
import type { CallerOf } from '../server.ts'

/** `GET /v1/vault` and `POST /v1/vault/lock`, `unlock`, `init`, `rekey`, admin listener. */
export function vaultRoute(rooms: VaultRooms, callerOf: CallerOf): FastifyPluginCallback {
  const schema = { querystring: noQuery, response: answers(vaultStatus) }
  return (app, _options, done) => {
    app.get('/v1/vault', { schema }, () => reportVault(rooms.door.facts()))
    app.post(
      '/v1/vault/lock',
      { schema },
      async (request) => await lockVault(rooms, callerOf(request)),
    )
    app.post<{ Body: VaultUnlockRequest }>(
      '/v1/vault/unlock',
      { schema: { ...schema, body: vaultUnlockRequest } },
      async (request) => await unlockVault(rooms, callerOf(request), request.body),
    )
    app.post<{ Body: VaultInitRequest }>(
      '/v1/vault/init',
      { schema: { ...schema, body: vaultInitRequest } },
      async (request) => await initVault(rooms, callerOf(request), request.body),
    )
    app.post<{ Body: VaultRekeyRequest }>(
      '/v1/vault/rekey',
      { schema: { ...schema, body: vaultRekeyRequest } },
      async (request) => await rekeyVault(rooms, callerOf(request), request.body),
    )
    done()
  }
}
