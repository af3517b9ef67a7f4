import type { Paint } from './style.ts'

/** Light modules around the code; the standard asks for 4, phones are content with 2. */
const BORDER = 2

/** Longest address drawn: a longer one makes a code wider than 80 columns. */
const MAX_ADDRESS_LENGTH = 400

/** A QR code of two modules a character, or nothing where it would not fit on a terminal. */
export async function qrCode(address: string, paint: Paint): Promise<string> {
  if (address.length > MAX_ADDRESS_LENGTH) return ''
  const { renderUnicodeCompact } = await import('uqr')
  return renderUnicodeCompact(address, { border: BORDER })
    .split('\n')
    .map((line) => `  ${paint('qr', line)}\n`)
    .join('')
}
