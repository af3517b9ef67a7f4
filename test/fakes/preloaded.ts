import { pathToFileURL } from 'node:url'

// node preloaded.js MODULE PROGRAM ARGUMENT...: a module of a test, then a program, as if it
// had been started alone. A daemon refuses to start beside what Node itself was told to load.
const [preload = '', program = ''] = process.argv.splice(1, 3).slice(1)
process.argv.splice(1, 0, program)
await import(preload)
await import(pathToFileURL(program).href)
