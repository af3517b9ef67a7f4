/** Ids are random and ours, but they become file names: nothing else may pass. */
const ID = /^[A-Za-z0-9_-]{1,64}$/
const SUFFIX = '.grant'

/**
 * The file of a record.
 *
 * @throws TypeError when `id` could be anything but one plain name in a directory
 */
export function recordFile(id: string): string {
  if (!ID.test(id)) throw new TypeError(`"${id}" cannot be the id of a grant`)
  return `${id}${SUFFIX}`
}

/** The id of the record in a file; undefined for a file that is not ours. */
export function recordId(file: string): string | undefined {
  const id = file.slice(0, -SUFFIX.length)
  return file.endsWith(SUFFIX) && ID.test(id) ? id : undefined
}
