import { register } from 'node:module'
import type { Room } from './hooks.ts'

/*
 * Loaded into a daemon before its own modules: rooms that the variable names are not loaded,
 * and their stand-ins are. The daemon knows nothing of it, and no switch of its own does it.
 */
const data = (process.env['GRANTD_BENCH_WITHOUT'] ?? '').split(' ').filter(Boolean) as Room[]
register<readonly Room[]>('./hooks.js', import.meta.url, { data })
