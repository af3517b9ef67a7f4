/**
 * Zeros for a secret, in memory of its own that stays where it is. What is smaller than 65
 * bytes would otherwise lie on the engine's heap, whose collector leaves a copy behind
 * wherever it moves something from: to wipe the bytes would not wipe that.
 */
export function stillBytes(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length))
}
