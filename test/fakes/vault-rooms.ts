import type { VaultRooms } from '../../daemon/broker/vault-rooms.ts'
import { FakeDoor } from './fake-door.ts'
import { type FakeRooms, fakeRooms } from './fake-rooms.ts'

/** Rooms of the vault itself: a scripted door, logins that tell when they were cancelled. */
export interface FakeVaultRooms extends VaultRooms {
  readonly door: FakeDoor
  readonly rooms: FakeRooms
  readonly audit: FakeRooms['audit']
  readonly clock: FakeRooms['clock']
  readonly steps: string[]
}

/** What happens, in the order it happens, stands in `steps`. */
export function fakeVaultRooms(rooms: FakeRooms = fakeRooms()): FakeVaultRooms {
  const { steps, audit, clock, idle, renewals, consent, glass } = rooms
  return {
    rooms,
    steps,
    audit,
    clock,
    idle,
    renewals,
    consent,
    glass,
    door: new FakeDoor(steps),
    logins: { cancelAll: async () => void steps.push('logins cancelled') },
    tokens: {
      clear: () => {
        steps.push('cache cleared')
        rooms.tokens.clear()
      },
    },
  }
}
