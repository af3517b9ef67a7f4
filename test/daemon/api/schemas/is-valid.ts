import fastify from 'fastify'
import t from 'tap'

/** Asks the real validator, set up as the server has it. */
export async function isValid(schema: object, value: unknown): Promise<boolean> {
  const app = fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  })
  app.post('/', { schema: { body: schema } }, () => 'ok')
  const answer = await app.inject({ method: 'POST', url: '/', payload: value as object })
  return answer.statusCode === 200
}

/** What is said of a value, the schema, the value, and whether it is taken. */
export type Case = readonly [what: string, schema: object, value: unknown, good: boolean]

/** Holds schemas to what they take and what they refuse. */
export function testCases(cases: readonly Case[]): void {
  for (const [what, schema, value, good] of cases)
    t.test(`${what} is ${good ? 'taken' : 'refused'}`, async (t) => {
      t.equal(await isValid(schema, value), good)
    })
}
