/** Returns the last item for which `accepts` is true, like `Array.prototype.findLast`, which ES2022 lacks. */
export function findLast<Item>(items: readonly Item[], accepts: (item: Item) => boolean): Item | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index]
    if (item !== undefined && accepts(item)) return item
  }
  return undefined
}
