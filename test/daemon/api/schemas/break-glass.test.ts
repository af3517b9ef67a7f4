import { breakGlassRequest } from '../../../../daemon/api/schemas/break-glass.ts'
import { testCases } from './is-valid.ts'

const least = { grant: 'work', reason: 'x', seconds: 60 }

testCases([
  ['the least of it', breakGlassRequest, least, true],
  ['the most of it', breakGlassRequest, { ...least, seconds: 3_600, class: 'relay' }, true],
  ['a reason of 200', breakGlassRequest, { ...least, reason: 'x'.repeat(200) }, true],
  ['no grant', breakGlassRequest, { reason: 'x', seconds: 60 }, false],
  ['no reason', breakGlassRequest, { grant: 'work', seconds: 60 }, false],
  ['no time', breakGlassRequest, { grant: 'work', reason: 'x' }, false],
  ['an empty reason', breakGlassRequest, { ...least, reason: '' }, false],
  ['a reason of spaces', breakGlassRequest, { ...least, reason: '   ' }, false],
  ['a reason of 201', breakGlassRequest, { ...least, reason: 'x'.repeat(201) }, false],
  ['two lines', breakGlassRequest, { ...least, reason: 'a\nb' }, false],
  ['a line end behind it', breakGlassRequest, { ...least, reason: 'a\n' }, false],
  ['an escape sequence', breakGlassRequest, { ...least, reason: 'a\u001b[2J' }, false],
  ['a turned direction', breakGlassRequest, { ...least, reason: 'a\u202e' }, false],
  ['less than a minute', breakGlassRequest, { ...least, seconds: 59 }, false],
  ['more than an hour', breakGlassRequest, { ...least, seconds: 3_601 }, false],
  ['half a second', breakGlassRequest, { ...least, seconds: 60.5 }, false],
  ['a time in words', breakGlassRequest, { ...least, seconds: '60' }, false],
  ['root', breakGlassRequest, { ...least, class: 'root' }, false],
  ['what nobody knows', breakGlassRequest, { ...least, scope: 'repo:write' }, false],
])
