/*
 * Loaded before a daemon: throws away what nobody needs when it is asked to, and says when it
 * has. The engine by itself waits until it has some hundred megabytes.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

process.on('message', () => {
  collect()
  process.send?.('collected')
})
// asked or not, the daemon ends when it wants to
process.channel?.unref()
