import fc from 'fast-check'
import t from 'tap'
import { NEW_EXECUTABLE } from '../../../daemon/anomaly/new-executable.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test(
  'a program that never had a token of the grant is told once, the first of all never',
  async (t) => {
    const shelf = new Shelf(NEW_EXECUTABLE)
    const see = (executable: string, more = {}) =>
      shelf.see(sampleSighting({ executable, ...more }))
    t.equal(see('/usr/bin/git'), undefined)
    t.equal(see('/usr/bin/git'), undefined)
    t.match(see('/usr/bin/curl'), 'never had a token')
    t.equal(see('/usr/bin/curl'), undefined)
    t.equal(see('/usr/bin/curl', { grant: 'home' }), undefined, 'the first of another grant')
    t.equal(see('/usr/bin/node', { capability: 'ci' }), undefined, 'the first of a capability')
    t.match(see('/usr/bin/git', { capability: 'ci' }), 'never had a token')
  },
)

t.test('only tokens that were issued to a known program count', async (t) => {
  for (const other of [{ event: 'token.denied' }, { executable: undefined }, { grant: undefined }])
    t.equal(NEW_EXECUTABLE.keyOf(sampleSighting(other)), undefined)
  t.same(NEW_EXECUTABLE.look(undefined, sampleSighting({ executable: undefined })).memory, [''])
})

t.test('however many programs come, the memory stays bounded', async () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 200 }), (executables) => {
      let memory: readonly string[] | undefined
      for (const executable of executables)
        memory = NEW_EXECUTABLE.look(memory, sampleSighting({ executable })).memory
      return (memory?.length ?? 0) <= 32
    }),
  )
})
