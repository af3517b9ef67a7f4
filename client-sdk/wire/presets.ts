/** Who wrote a preset; one of the user's with the name of one that came with grantd replaces it. */
export interface PresetOrigin {
  readonly preset: string
  readonly origin: 'built_in' | 'user'
  readonly replaces_built_in?: true
}

/** One line of `GET /v1/presets`: a title, or what is wrong with the file. */
export interface PresetSummary extends PresetOrigin {
  readonly title?: string
  readonly problem?: string
}

/** `GET /v1/presets`. */
export interface PresetList {
  readonly presets: readonly PresetSummary[]
}

/** `GET /v1/presets/:name`: all that is known about an issuer before anybody has asked it. */
export interface PresetDetail extends PresetOrigin {
  readonly title: string
  readonly documentation?: string
  /** Where a person registers a client. */
  readonly client_registration?: string
  /** Asked for where a login names none. */
  readonly default_scope?: string
  /** What a login has to say where there is no default; `{name}` stands for it in addresses. */
  readonly values: readonly {
    readonly name: string
    readonly kind: 'host' | 'label' | 'address'
    readonly text: string
    readonly default?: string
  }[]
  readonly identifier: string
  /** False where there is no metadata document. */
  readonly discovery: boolean
  /** Without discovery, by their RFC 8414 names. */
  readonly endpoints: Readonly<Record<string, string>>
  /** More parameters of the authorization request. */
  readonly authorization: Readonly<Record<string, string>>
  readonly facts: readonly {
    readonly fact: string
    /** The value as text; lifetimes in seconds. */
    readonly is: string
    readonly known: 'observed' | 'documented' | 'believed'
    readonly source?: string
  }[]
}
