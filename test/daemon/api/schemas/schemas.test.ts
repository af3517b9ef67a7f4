import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import t from 'tap'

const FOLDER = join(import.meta.dirname, '..', '..', '..', '..', 'daemon', 'api', 'schemas')

t.test('every schema is one, in the eyes of both compilers', async (t) => {
  const validator = AjvCompiler()({}, { customOptions: { strict: true, coerceTypes: false } })
  const serializer = SerializerSelector()({}, {})
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.js'))
  let count = 0
  for (const file of files)
    for (const [name, value] of Object.entries(await import(join(FOLDER, file)))) {
      if (typeof value !== 'object' || value === null || !('type' in value)) continue
      count += 1
      t.doesNotThrow(() => validator({ schema: value }), `${file} ${name}`)
      const route = { method: 'GET', url: '/', httpStatus: '200', schema: value }
      t.doesNotThrow(() => serializer(route), `${file} ${name}`)
    }
  t.ok(count > 20, 'the schemas were found')
  t.throws(() => validator({ schema: { type: 'no such type' } }), 'a broken one is seen')
})
