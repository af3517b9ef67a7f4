import type { FastifyPluginCallback } from 'fastify'
import { listPresets, showPreset } from '../../broker/list-presets.ts'
import type { Rooms } from '../../broker/rooms.ts'
import { answers, noQuery } from '../schemas/answers.ts'
import { presetDetail, presetList, presetParams } from '../schemas/presets.ts'

/** `GET /v1/presets` and `GET /v1/presets/:name`, admin listener. */
export function presetsRoute({ presets }: Pick<Rooms, 'presets'>): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/v1/presets',
      { schema: { querystring: noQuery, response: answers(presetList) } },
      () => listPresets(presets),
    )
    app.get<{ Params: { name: string } }>(
      '/v1/presets/:name',
      { schema: { params: presetParams, querystring: noQuery, response: answers(presetDetail) } },
      (request) => showPreset(presets, request.params.name),
    )
    done()
  }
}
