import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { presetShelf } from '../../../daemon/preset/preset-shelf.ts'

const uid = process.getuid?.() ?? -1

const text = (title: string): string =>
  `[preset]\ntitle = "${title}"\n[issuer]\nidentifier = "https://as.example"\n`

function world(t: Test, who = uid) {
  const directory = t.testdir({
    ours: { 'a.toml': text('our a'), 'b.toml': text('our b'), 'README.md': 'x' },
  })
  const own = join(directory, 'presets')
  return {
    own,
    shelf: presetShelf({ builtIn: join(directory, 'ours'), own, uid: who }),
    write: (file: string, content: string, mode = 0o600): void => {
      mkdirSync(own, { recursive: true })
      writeFileSync(join(own, file), content)
      chmodSync(join(own, file), mode)
    },
  }
}

const brief = (shelf: ReturnType<typeof presetShelf>) =>
  shelf
    .list()
    .map(({ name, origin, replacesBuiltIn, content }) => [
      name,
      origin,
      replacesBuiltIn,
      'preset' in content ? content.preset.title : content.problem,
    ])

t.test('without a directory of the user there are ours', async (t) => {
  const { shelf } = world(t)
  t.same(brief(shelf), [
    ['a', 'built_in', false, 'our a'],
    ['b', 'built_in', false, 'our b'],
  ])
  t.match(shelf.find('a'), { name: 'a', content: { preset: { title: 'our a' } } })
  for (const name of ['c', '', 'README', '../ours/a', 'A', 'constructor'])
    t.equal(shelf.find(name), undefined, name)
})

t.test('one of the user’s wins, and says so; files are read when somebody asks', async (t) => {
  const { own, shelf, write } = world(t)
  write('a.toml', text('my a'))
  write('mine.toml', text('mine'), 0o644)
  write('note.txt', 'x')
  t.same(brief(shelf), [
    ['a', 'user', true, 'my a'],
    ['b', 'built_in', false, 'our b'],
    ['mine', 'user', false, 'mine'],
  ])
  t.match(shelf.find('a'), { origin: 'user', replacesBuiltIn: true })
  write('a.toml', text('my new a'))
  t.match(shelf.find('a'), { content: { preset: { title: 'my new a' } } })
  rmSync(join(own, 'a.toml'))
  t.match(shelf.find('a'), { origin: 'built_in', content: { preset: { title: 'our a' } } })
})

t.test('a broken one is named with its place, hides no other and is not passed over', async (t) => {
  const { own, shelf, write } = world(t)
  write('a.toml', 'secret = "x"')
  write('mine.toml', text('mine'))
  write('open.toml', text('open'), 0o622)
  write('Wrong.toml', text('wrong'))
  symlinkSync('nowhere', join(own, 'link.toml'))
  t.same(brief(shelf), [
    [
      'Wrong',
      'user',
      false,
      `${own}/Wrong.toml: a preset is called by small letters, digits and hyphens`,
    ],
    ['a', 'user', true, `${own}/a.toml:1:1: unknown table "secret"`],
    ['b', 'built_in', false, 'our b'],
    ['link', 'user', false, `${own}/link.toml: is a symbolic link to nothing`],
    ['mine', 'user', false, 'mine'],
    ['open', 'user', false, `${own}/open.toml: can be written by others; chmod go-w`],
  ])
  t.match(shelf.find('a'), { content: { problem: /unknown table/ } }, 'ours does not stand in')
  t.equal(shelf.find('Wrong'), undefined)
})

t.test('files of somebody else are refused', async (t) => {
  // root's are taken, as they are for the configuration
  const { shelf, write, own } = world(t, uid + 1)
  write('a.toml', text('my a'))
  const content = uid === 0 ? {} : { problem: `${own}/a.toml: belongs to uid ${uid}` }
  t.match(shelf.find('a'), { origin: 'user', content })
})

t.test('a directory that cannot be read may hold one of ours: nothing is found', async (t) => {
  const { own, shelf } = world(t)
  writeFileSync(own, 'not a directory')
  const refusal = { code: 'config_invalid', message: `${own}: cannot be read: ENOTDIR` }
  t.throws(() => shelf.list(), refusal)
  t.throws(() => shelf.find('a'), refusal)
})

t.test('a directory of something else is not read to its end', async (t) => {
  const { shelf, write } = world(t)
  for (let number = 100; number < 357; number++) write(`n${number}.toml`, 'x')
  const names = shelf.list().map(({ name }) => name)
  t.same([names.length, names.includes('n355'), names.includes('n356')], [258, true, false])
  t.match(shelf.find('n356'), { origin: 'user' }, 'asked for by name it is found')
})
