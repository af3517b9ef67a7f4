import { AUDIT_READER } from './audit-reader.ts'
import { PRESET_READERS } from './preset-readers.ts'
import type { Outcome } from './reader.ts'
import { runConversation } from './run-conversation.ts'
import { runDaemon } from './run-daemon.ts'
import { type Runs, runReader } from './run-reader.ts'
import { SDK_READER } from './sdk-reader.ts'
import { SEALED_READERS } from './sealed-readers.ts'
import { TEXT_READERS } from './text-readers.ts'
import { startVictim } from './victim.ts'

/** Something that can be fed. */
export interface Target {
  readonly name: string
  /** How often a long run feeds it. */
  readonly runs: number
  readonly run: (runs: Runs) => Promise<Outcome>
}

/** Some seconds each. */
const READER_RUNS = 20_000

/** A minute or two each. */
const DAEMON_RUNS = 8_000

/** Those that can be fed without a process of their own. */
export const READERS = [
  ...TEXT_READERS,
  ...PRESET_READERS,
  SDK_READER,
  AUDIT_READER,
  ...SEALED_READERS,
]

/** Some seconds. */
const CONVERSATION_RUNS = 8_000

/** Modules with whoever asks somebody that may answer anything. */
export const CONVERSATIONS = ['issuer', 'client'].map(
  (name) => new URL(`${name}-answers.js`, import.meta.url).href,
)

/** Everything that reads what others write. */
export const TARGETS: readonly Target[] = [
  ...READERS.map((reader) => ({
    name: reader.name,
    runs: READER_RUNS,
    run: (runs: Runs) => runReader(reader, runs),
  })),
  ...CONVERSATIONS.map((module) => ({
    name: module.replace(/.*\/|-answers\.js$/g, ''),
    runs: CONVERSATION_RUNS,
    run: (runs: Runs) => runConversation(module, runs),
  })),
  ...(['broker', 'admin', 'capability'] as const).map((role) => ({
    name: role,
    runs: DAEMON_RUNS,
    async run(runs: Runs) {
      const victim = await startVictim(role)
      try {
        return await runDaemon(victim, runs)
      } finally {
        await victim.world.close()
      }
    },
  })),
]
