/** Returns the last item that `accepts` takes, as `Array.prototype.findLast` does where the engine has that. */
export function findLast<Item>(items: readonly Item[], accepts: (item: Item) => boolean): Item | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index]
    if (item !== undefined && accepts(item)) return item
  }
  return undefined
}
