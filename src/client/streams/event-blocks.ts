export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/** Returns a function that takes the text of a stream of events as it comes, and returns the events that are complete. */
export function createEventBlocks(): (text: string) => StreamEvent[] {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap(eventOf)
  }
}

/** Ids and comments say nothing here: the client keeps its positions itself. */
function eventOf(block: string): StreamEvent[] {
  let event = 'message'
  let data = ''
  for (const line of block.split('\n')) {
    if (line.startsWith('data: ')) data += line.slice(6)
    else if (line.startsWith('event: ')) event = line.slice(7)
  }
  return data === '' ? [] : [{ event, data }]
}
