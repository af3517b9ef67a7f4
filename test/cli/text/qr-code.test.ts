import t from 'tap'
import { qrCode } from '../../../cli/text/qr-code.ts'
import { colour, plain } from '../../../cli/text/style.ts'

t.test('a code of half blocks, two spaces from the edge', async (t) => {
  const lines = (await qrCode('https://as.example/device?user_code=WDJB-MJHT', plain)).split('\n')
  t.equal(lines.pop(), '')
  t.equal(lines[0], `  ${'█'.repeat(33)}`)
  t.ok(lines.every((line) => /^ {2}[ █▀▄]{33}$/.test(line)))
})

t.test('with colour, light modules are white whatever the terminal is', async (t) => {
  const lines = (await qrCode('https://as.example', colour)).trimEnd().split('\n')
  t.ok(lines.every((line) => line.startsWith('  \x1b[97;40m') && line.endsWith('\x1b[0m')))
})

t.test('an address too long for a terminal is not drawn', async (t) => {
  t.equal(await qrCode(`https://as.example/${'x'.repeat(400)}`, plain), '')
})
