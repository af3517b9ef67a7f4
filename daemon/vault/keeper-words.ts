import type { Provider } from './sealing-key.ts'

/** The words of a keeper in a sentence. */
export const KEEPER_WORDS: Readonly<Record<Provider, string>> = {
  keychain: 'the OS keychain',
  kernel_keyring: "the kernel's keyring",
  passphrase: 'a passphrase',
  credential_file: 'a service credential',
  memory: 'memory',
}

/** The name of a keeper as the configuration writes it, with hyphens, to the one in records. */
export function keeperNamed<Name extends string>(name: Name): Underscored<Name> {
  return name.replaceAll('-', '_') as Underscored<Name>
}

type Underscored<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}_${Underscored<Tail>}`
  : Name
