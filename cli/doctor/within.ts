/**
 * What `work` gives, or `late` when that takes longer: a file on a dead server or a program
 * that hangs holds up nothing. What comes after the deadline is of no interest, an error neither.
 */
export async function within<T, L>(ms: number, work: Promise<T>, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
