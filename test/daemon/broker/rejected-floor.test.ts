import t from 'tap'
import { RejectedFloor } from '../../../daemon/broker/rejected-floor.ts'

t.test(
  'a forced exchange may follow another after ten seconds, for each grant on its own',
  async (t) => {
    const floor = new RejectedFloor()
    t.equal(floor.waitSeconds('a', 0), 0)
    floor.mark('a', 1_000)
    t.equal(floor.waitSeconds('a', 1_000), 10)
    t.equal(floor.waitSeconds('a', 10_001), 1)
    t.equal(floor.waitSeconds('a', 11_000), 0)
    t.equal(floor.waitSeconds('b', 1_000), 0)
    floor.forget('a')
    t.equal(floor.waitSeconds('a', 1_000), 0)
  },
)
