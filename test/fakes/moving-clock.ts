/**
 * Loaded before a program (`node --import`) that has a channel to its parent: each message
 * says by how many milliseconds either clock is off from then on.
 */
const off = { wall: 0, monotonic: 0 }
const TrueDate = Date
const truePerformance = performance.now.bind(performance)

class MovedDate extends TrueDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(TrueDate.now() + off.wall)
    else super(...(args as [number]))
  }

  static override now(): number {
    return TrueDate.now() + off.wall
  }
}

globalThis.Date = MovedDate as DateConstructor
performance.now = () => truePerformance() + off.monotonic
process.on('message', (message) => {
  Object.assign(off, message)
  process.send?.('moved')
})
// a program that is done must not stay for us
process.channel?.unref()
