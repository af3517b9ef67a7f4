import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What launchd has under a name: descriptors, or an errno with which it refuses. */
export type LaunchdNames = Readonly<Record<string, readonly number[] | number>>

/** Programs without which there is no such library. */
export const COMPILER = 'cc'

/**
 * A library with launchd's call of the same ABI: what it says is compiled into it. Its second
 * function tells whether the last list it gave away was freed: then a list of the same size
 * lies where that one lay.
 *
 * @param directory Where it is made.
 * @returns Its path.
 */
export function launchdLibrary(directory: string, names: LaunchdNames): string {
  const source = join(directory, 'launchd.c')
  const library = join(directory, 'liblaunchd.so')
  writeFileSync(source, sourceOf(names))
  execFileSync(COMPILER, ['-shared', '-fPIC', '-o', library, source])
  return library
}

function sourceOf(names: LaunchdNames): string {
  const cases = Object.entries(names).map(([name, said]) => {
    const is = `if (strcmp(name, ${JSON.stringify(name)}) == 0)`
    if (typeof said === 'number') return `  ${is} return ${said};`
    return `  ${is} { static const int list[] = {${said.join(', ')}}; return give(list, ${said.length}, fds, count); }`
  })
  return `#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES 984
static void *last;

static int give(const int *list, size_t length, int **fds, size_t *count) {
  last = malloc(LIST_BYTES);
  if (last == NULL) return ENOMEM;
  memcpy(last, list, length * sizeof *list);
  *fds = last;
  *count = length;
  return 0;
}

int launch_activate_socket(const char *name, int **fds, size_t *count) {
${cases.join('\n')}
  return ENOENT;
}

int last_is_free(void) {
  void *again = malloc(LIST_BYTES);
  int same = again == last;
  free(again);
  return same;
}
`
}
