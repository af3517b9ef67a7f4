/**
 * Loaded before a program (`node --import`): its wall clock is wrong by as many
 * milliseconds as `GRANTD_TEST_CLOCK_SHIFT_MS` says. The monotonic clock is not.
 */
const shiftMs = Number(process.env['GRANTD_TEST_CLOCK_SHIFT_MS'] ?? '0')
const TrueDate = Date

class ShiftedDate extends TrueDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(TrueDate.now() + shiftMs)
    else super(...(args as [number]))
  }

  static override now(): number {
    return TrueDate.now() + shiftMs
  }
}

globalThis.Date = ShiftedDate as DateConstructor
