import type {
  PolicyCheckResponse,
  PolicyExplainRequest,
  PolicyExplanation,
  PolicyStatus,
} from '@grantd/client/protocol'
import { ERRORS } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import { parseOptions } from './options.ts'
import { readPolicyFile } from './policy-file.ts'
import { HELP, OPTIONS, policyAsk } from './policy-options.ts'
import { jsonLine, printable } from './printable.ts'
import { explanationPage, policyPage, ruleCount } from './text/policy-page.ts'
import type { World } from './world.ts'

export { HELP, OPTIONS }

/** `grantd policy`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, OPTIONS)
  const ask = policyAsk(parsed)
  const asJson = parsed.values.json === true
  if (ask.verb === 'explain') return await explain(world, ask.request, asJson)
  if (ask.file === undefined) return await checkInForce(world, asJson)
  return await checkFile(world, ask.file, ask.level, asJson)
}

async function explain(world: World, body: PolicyExplainRequest, asJson: boolean): Promise<number> {
  const path = '/v1/policy/explain'
  const told = answer<PolicyExplanation>(
    await world.connect('admin').request({ method: 'POST', path, body }),
    'peer',
    'decision',
    'rule',
    'rules',
  )
  world.stdout.write(asJson ? jsonLine(told) : explanationPage(told))
  return 0
}

async function checkInForce(world: World, asJson: boolean): Promise<number> {
  const policy = answer<PolicyStatus>(
    await world.connect('admin').request({ method: 'GET', path: '/v1/policy' }),
    'files',
    'rules',
  )
  const problems = policy.files.flatMap(({ problem }) => (problem === undefined ? [] : [problem]))
  if (asJson || problems.length === 0)
    world.stdout.write(asJson ? jsonLine(policy) : policyPage(policy))
  else world.stderr.write(lines(problems))
  return problems.length === 0 ? 0 : ERRORS.invalid_request.exit
}

async function checkFile(
  world: World,
  file: string,
  level: 'system' | 'user',
  asJson: boolean,
): Promise<number> {
  const body = { text: await readPolicyFile(file), level }
  const { rules, problem } = answer<PolicyCheckResponse>(
    await world.connect('admin').request({ method: 'POST', path: '/v1/policy/check', body }),
  )
  if (asJson)
    world.stdout.write(
      jsonLine({ path: file, ...(problem === undefined ? { rules } : { problem }) }),
    )
  else if (problem === undefined) world.stdout.write(lines([`${file}: ${ruleCount(rules ?? 0)}`]))
  else world.stderr.write(lines([`${file}:${problem.line}:${problem.column}: ${problem.message}`]))
  return problem === undefined ? 0 : ERRORS.invalid_request.exit
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${printable(text)}\n`).join('')
}
