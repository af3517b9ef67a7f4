import { MAX_ASSUAN_LINE } from './assuan-reply.ts'

/**
 * One line to an Assuan server, its end included. What would end the line is escaped, and
 * everything else that is not printable ASCII must not get here.
 *
 * @throws TypeError when it cannot be one line
 */
export function assuanCommand(name: string, argument = ''): string {
  const escaped = argument.replace(/[%\r\n]/g, (character) =>
    character === '%' ? '%25' : character === '\n' ? '%0A' : '%0D',
  )
  const line = argument === '' ? name : `${name} ${escaped}`
  if (!/^[A-Z][\x20-\x7e]*$/.test(line) || line.length > MAX_ASSUAN_LINE)
    throw new TypeError(`"${name}" is no line of Assuan`)
  return `${line}\n`
}

/** Room for the argument of a command, as it is sent. */
export function argumentRoom(name: string): number {
  return MAX_ASSUAN_LINE - name.length - 1
}

/** The terminals a prompt may be shown on; another path could be a command of its own. */
const TERMINAL = /^\/dev\/(?:pts\/\d{1,6}|tty\w{1,16})$/

/**
 * Options that show a prompt on a terminal. Its type is not the kernel's to know and what
 * the caller says of it is not to be trusted: a console is `linux`, and all others know what
 * `xterm` knows as far as a prompt needs it.
 *
 * @param tty Path of the terminal; nothing comes of one that is not of the usual form.
 */
export function terminalOptions(tty: string | undefined): readonly string[] {
  if (tty === undefined || !TERMINAL.test(tty)) return []
  const type = /^\/dev\/tty\d/.test(tty) ? 'linux' : 'xterm'
  return [`ttyname=${tty}`, `ttytype=${type}`]
}
