/** `documentation/admin-guide/devices.txt` of the kernel. */
const PTS_MAJORS = { first: 136, last: 143 }
const TTY_MAJOR = 4
const FIRST_SERIAL = 64

/** Minor numbers of one pts major. */
const PTS_PER_MAJOR = 256

/**
 * The usual path of a terminal's device number: pseudo terminals, consoles and serial
 * lines, which is where people sit.
 *
 * @param device As in `/proc/<pid>/stat` and in `st_rdev`, unsigned; 0 is none.
 */
export function terminalPath(device: number): string | undefined {
  const major = (device >>> 8) & 0xfff
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00)
  if (major >= PTS_MAJORS.first && major <= PTS_MAJORS.last)
    return `/dev/pts/${(major - PTS_MAJORS.first) * PTS_PER_MAJOR + minor}`
  if (major !== TTY_MAJOR) return undefined
  return minor < FIRST_SERIAL ? `/dev/tty${minor}` : `/dev/ttyS${minor - FIRST_SERIAL}`
}
