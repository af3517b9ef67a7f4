import type { ValueKindName } from './preset.ts'

/** What each kind of value may be: nothing that could lead to another host, or up a path. */
const KINDS: Readonly<Record<ValueKindName, { readonly wish: string; readonly pattern: RegExp }>> =
  {
    host: {
      wish: 'a host such as git.example.com',
      pattern:
        /^(?=[^:]{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9]\d{0,4})?$/,
    },
    label: {
      wish: 'letters, digits, and single dots, underscores and hyphens between them',
      pattern: /^(?=.{1,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/,
    },
    address: {
      wish: 'an address without name, query or fragment',
      pattern: /^(?!.*(?:\.\.|@|\\))https?:\/\/[\x21\x24-\x3e\x41-\x7a\x7c\x7e]{1,2000}$/,
    },
  }

/** @returns What is wrong with a value, in words that follow its name; `undefined` for nothing. */
export function valueProblem(kind: ValueKindName, value: string): string | undefined {
  const { wish, pattern } = KINDS[kind]
  const isOne = pattern.test(value) && (kind !== 'host' || isAsWritten(value))
  return isOne ? undefined : `must be ${wish}`
}

/** Numbers are hosts that are not where they seem: `1`, `0x7f.1` and `010.0.0.1` are addresses. */
function isAsWritten(host: string): boolean {
  const address = `https://${host}`
  return URL.canParse(address) && new URL(address).hostname === host.replace(/:\d+$/, '')
}

/** The values a template has in it. */
export function valuesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** A template with its values in their places; each of them was checked. */
export function fillTemplate(template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '')
}

/** Scheme and host of a template as they are written: two that differ may be two origins. */
export function originIn(template: string): string {
  return /^https:\/\/[^/]+/.exec(template)?.[0] ?? template
}
