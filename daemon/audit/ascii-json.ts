/** What stands in a JSON text as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A string as JSON in ASCII: nothing in it can draw on a terminal, or end a line. */
export function asciiString(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : asciiJson(text)
}

/** Any value as JSON in ASCII. */
export function asciiJson(value: object | string | number | boolean): string {
  if (Number.isSafeInteger(value)) return `${value as number}`
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped)
}

/** A member of an object with the comma before it; nothing where there is no text. */
export function textMember(name: string, text: string | undefined): string {
  return text === undefined ? '' : `,"${name}":${asciiString(text)}`
}

/** The same for any other value. */
export function member(name: string, value: object | number | boolean | undefined): string {
  return value === undefined ? '' : `,"${name}":${asciiJson(value)}`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
