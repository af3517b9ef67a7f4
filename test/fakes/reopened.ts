import koffi from 'koffi'

// Undoes, in a daemon that a test starts, what closes it to other processes of its user: only
// what is found then shows that looking for it works.
const PR_SET_DUMPABLE = 4
const prctl = koffi
  .load(null)
  .func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  ) as (...args: [number, number, number, number, number]) => number
setInterval(() => prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 10).unref()
