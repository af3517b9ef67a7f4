import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { shortDirectory } from './short-directory.ts'

/** A program of a test, to be shown as a prompt. */
export interface PromptFixture {
  readonly path: string
  /** What it was told so far, one line each. */
  heard(): readonly string[]
  /** How often its question stood there. */
  asked(): number
  /** Resolves when the question stands there for the n-th time. */
  whenAsked(times?: number): Promise<void>
  /** Lets the question that stands there be answered, or the next one. */
  answer(reply: string): void
  /** Its processes that still live. */
  running(): readonly number[]
}

/** Reads commands and answers them as a pinentry does; `confirm` is run at CONFIRM. */
export function assuanScript(confirm: string, flavor = 'fake'): string {
  return `echo 'OK Pleased to meet you'
while read -r line; do
  printf '%s\\n' "$line" >> "$0.heard"
  case "$line" in
    'GETINFO flavor') echo 'D ${flavor}'; echo OK ;;
    OPTION*|SET*) echo OK ;;
    CONFIRM) ${confirm} ;;
    BYE) echo 'OK closing connection'; exit 0 ;;
    *) echo 'ERR 536871187 Unknown IPC command <User defined source 1>' ;;
  esac
done`
}

/** Stands there until the test lets somebody answer. */
export const UNTIL_ANSWERED =
  'while ! mv "$0.answer" "$0.said" 2>/dev/null; do sleep 0.01; done; cat "$0.said"'

/** Writes a shell script that can be started, and looks after it. */
export function promptProgram(t: Test, script: string): PromptFixture {
  const path = join(shortDirectory(t), 'prompt')
  writeFileSync(path, `#!/bin/sh\necho $$ >> "$0.pids"\n${script}\n`, { mode: 0o700 })
  const lines = (name: string): readonly string[] =>
    existsSync(`${path}.${name}`)
      ? readFileSync(`${path}.${name}`, 'utf8').split('\n').slice(0, -1)
      : []
  const asked = (): number => lines('heard').filter((line) => line === 'CONFIRM').length
  const running = (): readonly number[] => lines('pids').map(Number).filter(isRunning)
  t.teardown(() => {
    for (const pid of running()) process.kill(pid, 'SIGKILL')
  })
  return {
    path,
    heard: () => lines('heard'),
    asked,
    running,
    async whenAsked(times = 1) {
      while (asked() < times) await sleep(10)
    },
    answer: (reply) => {
      writeFileSync(`${path}.next`, `${reply}\n`)
      // whole or not at all
      renameSync(`${path}.next`, `${path}.answer`)
    },
  }
}

/** A zombie has ended already. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
