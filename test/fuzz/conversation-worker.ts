/*
 * A thread of its own for one conversation: who hangs, dies or lets an error go by does so here.
 * Says which answer it is at before each, and at the end what is left on its heap.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import type { Conversation } from './conversation.ts'
import { inputOf } from './mutate.ts'
import type { FromWorker, ToWorker } from './run-conversation.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const { module, warmUp, work } = workerData as ToWorker
const { CONVERSATION } = (await import(module)) as { readonly CONVERSATION: Conversation }

// nothing is handed over: what is said is copied
const say = (message: FromWorker): void => parentPort?.postMessage(message, [])

/** An error that nobody caught shows a turn later. */
const aTurn = async (): Promise<void> => {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const heapBytes = async (): Promise<number> => {
  // what a connection leaves goes in a turn of its own
  for (let times = 0; times < 3; times += 1) {
    collect()
    await aTurn()
  }
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const open = await CONVERSATION.open()

/** @returns False when something was found. */
async function feed(run: number, answer: Buffer): Promise<boolean> {
  say({ kind: 'begun', run })
  try {
    await open.check(answer)
    await aTurn()
    return true
  } catch (error) {
    say({ kind: 'found', what: String(error) })
    return false
  }
}

async function feedAll(): Promise<void> {
  if ('answer' in work) {
    if (await feed(0, Buffer.from(work.answer))) say({ kind: 'grown', bytes: 0 })
    return
  }
  for (const [index, seed] of CONVERSATION.seeds.entries())
    if (!(await feed(-1 - index, seed))) return
  let warm = 0
  for (let run = 0; run < work.runs; run += 1) {
    if (run === warmUp) warm = await heapBytes()
    if (!(await feed(run, inputOf(work.seed, run, CONVERSATION)))) return
  }
  say({ kind: 'grown', bytes: warm === 0 ? 0 : (await heapBytes()) - warm })
}

await feedAll()
await open.close()
