import t from 'tap'
import { runProgram } from '../../../cli/doctor/run-program.ts'

const NODE = process.execPath

t.test('what a program prints, and nothing of one that fails', async (t) => {
  const print = 'console.log(process.env.WORD)'
  t.equal(await runProgram(NODE, ['-e', print], { WORD: 'said' }), 'said\n')
  t.equal(await runProgram(NODE, ['-e', 'console.log(1); process.exit(1)'], {}), undefined)
  t.equal(await runProgram('/nonexistent/program', [], {}), undefined)
  const much = 'process.stdout.write("x".repeat(100000))'
  t.equal(await runProgram(NODE, ['-e', much], {}), undefined, 'more than anybody asked for')
})

t.test('a program that hangs is killed', async (t) => {
  t.equal(await runProgram(NODE, ['-e', 'setInterval(() => {}, 1000)'], {}, 50), undefined)
})

t.test('a child that outlives its program holds up nothing', async (t) => {
  const shell = ['-c', 'sleep 5 & echo told']
  const startedAt = performance.now()
  t.equal(await runProgram('/bin/sh', shell, { PATH: process.env['PATH'] }, 300), undefined)
  t.ok(performance.now() - startedAt < 4_000)
})
