import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'

/** Strict: nothing is taken away, changed or added; that a schema is one is a matter of the tests. */
const OPTIONS = {
  removeAdditional: false,
  coerceTypes: false,
  useDefaults: false,
  allErrors: false,
  validateSchema: false,
} as const

/** All servers of a daemon share what is compiled. */
const validators = once(() => AjvCompiler()({}, { customOptions: OPTIONS }))
const serializers = once(() => SerializerSelector()({}, {}))

/**
 * Has Fastify's own compilers go to work when a schema is needed for the first time, and not
 * for every route at the start: whoever waits for a daemon that starts for one token waits
 * for one schema.
 */
export function compileLate(app: FastifyInstance): void {
  app.setValidatorCompiler(lateValidator)
  app.setSerializerCompiler(lateSerializer)
}

const lateValidator: FastifySchemaCompiler<object> = (route) => {
  const compiled = once(() => validators()(route as never))
  return (data: unknown) => {
    const validate = compiled()
    if (validate(data) === true) return true
    // what Fastify makes sentences of
    return { error: (validate.errors ?? []) as never }
  }
}

const lateSerializer: FastifySerializerCompiler<unknown> = (route) => {
  const serialize = once(() => serializers()(route as never))
  return (body) => serialize()(body)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
