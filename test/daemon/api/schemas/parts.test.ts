import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { closed, text } from '../../../../daemon/api/schemas/parts.ts'
import { isValid } from './is-valid.ts'

const SCHEMAS = join(import.meta.dirname, '../../../../daemon/api/schemas')

/** Every object below a schema, itself included. */
function objectsOf(schema: unknown): readonly Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return []
  const here = schema as Record<string, unknown>
  return [...(here['type'] === 'object' ? [here] : []), ...Object.values(here).flatMap(objectsOf)]
}

t.test('no object may have members that nobody named', async (t) => {
  const files = readdirSync(SCHEMAS).filter((name) => name.endsWith('.js'))
  t.ok(files.length > 5, 'the schemas were found')
  for (const file of files) {
    const schemas = (await import(join(SCHEMAS, file))) as Record<string, unknown>
    for (const [name, schema] of Object.entries(schemas)) {
      if (typeof schema === 'function') continue
      for (const object of objectsOf(schema)) {
        const more = object['additionalProperties']
        const isMap = typeof more === 'object' && object['properties'] === undefined
        t.ok(more === false || isMap, name)
      }
    }
  }
})

t.test('a text has its pattern and its length, a closed object its members', async (t) => {
  const schema = closed({ word: text('^[a-z]+$', 3) }, ['word'])
  t.ok(await isValid(schema, { word: 'abc' }))
  for (const value of [{ word: 'abcd' }, { word: 'A' }, {}, { word: 'a', other: 'b' }])
    t.notOk(await isValid(schema, value))
})
