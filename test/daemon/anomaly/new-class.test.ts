import fc from 'fast-check'
import t from 'tap'
import { NEW_CLASS } from '../../../daemon/anomaly/new-class.ts'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

t.test(
  'a class that never asked for the grant is told once, even where it got nothing',
  async (t) => {
    const shelf = new Shelf(NEW_CLASS)
    t.equal(shelf.see(sampleSighting()), undefined, 'the first is no surprise')
    t.equal(shelf.see(sampleSighting()), undefined)
    const asking = sampleSighting({ event: 'token.denied', class: 'container' })
    t.match(shelf.see(asking), 'no caller of the class container')
    t.equal(shelf.see(asking), undefined)
    t.equal(shelf.see({ ...asking, capability: 'ci' }), undefined, 'a capability is made for it')
  },
)

t.test('nothing else counts', async (t) => {
  for (const other of [{ event: 'login.started' }, { class: undefined }, { grant: undefined }])
    t.equal(NEW_CLASS.keyOf(sampleSighting(other)), undefined)
  t.same(NEW_CLASS.look(undefined, sampleSighting({ class: undefined })).memory, [''])
})

t.test('whatever classes a log names, the memory stays bounded', async () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 50 }), (classes) => {
      let memory: readonly string[] | undefined
      for (const name of classes)
        memory = NEW_CLASS.look(memory, sampleSighting({ class: name })).memory
      return (memory?.length ?? 0) <= 8
    }),
  )
})
