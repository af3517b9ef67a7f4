import { PATTERNS } from '@grantd/client/protocol'
import { anyString, closed, stringMap, text } from './parts.ts'

/** What a preset is called. */
export const presetName = text(PATTERNS.presetName, 64)

/** The name of a preset in a path. */
export const presetParams = closed({ name: presetName }, ['name'])

const truth = { type: 'boolean' } as const

const origin = { preset: anyString, origin: anyString, replaces_built_in: truth } as const

/** `GET /v1/presets`. */
export const presetList = closed(
  {
    presets: {
      type: 'array',
      items: closed({ ...origin, title: anyString, problem: anyString }, ['preset', 'origin']),
    },
  },
  ['presets'],
)

/** `GET /v1/presets/:name`. */
export const presetDetail = closed(
  {
    ...origin,
    title: anyString,
    documentation: anyString,
    client_registration: anyString,
    default_scope: anyString,
    values: {
      type: 'array',
      items: closed({ name: anyString, kind: anyString, text: anyString, default: anyString }, [
        'name',
        'kind',
        'text',
      ]),
    },
    identifier: anyString,
    discovery: truth,
    endpoints: stringMap,
    authorization: stringMap,
    facts: {
      type: 'array',
      items: closed({ fact: anyString, is: anyString, known: anyString, source: anyString }, [
        'fact',
        'is',
        'known',
      ]),
    },
  },
  [
    'preset',
    'origin',
    'title',
    'values',
    'identifier',
    'discovery',
    'endpoints',
    'authorization',
    'facts',
  ],
)
