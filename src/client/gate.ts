/** Runs a limited number of tasks at once; the others wait for their turn. */
export interface Gate {
  /** Runs `task` now or later. The task calls the given function when it is done. */
  enter(task: (leave: () => void) => void): void
}

export function createGate(limit: number): Gate {
  const waiting: ((leave: () => void) => void)[] = []
  let running = 0

  function next(): void {
    if (running >= limit) return
    const task = waiting.shift()
    if (!task) return
    running++
    let isOver = false
    task(() => {
      if (isOver) return
      isOver = true
      running--
      next()
    })
  }

  return {
    enter(task) {
      waiting.push(task)
      next()
    },
  }
}
