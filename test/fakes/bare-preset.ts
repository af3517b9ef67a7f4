import type { PresetDetail } from '@grantd/client/protocol'

/** A preset of the person's own that says where an issuer is, and no more. */
export const BARE_PRESET: PresetDetail = {
  preset: 'as',
  origin: 'user',
  title: 'AS',
  values: [],
  identifier: 'https://as.example',
  discovery: true,
  endpoints: {},
  authorization: {},
  facts: [],
}
