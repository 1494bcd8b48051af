/**
 * Does something under this node's name. @returns null where Redis could not be asked; then all that this node has told is
 * told anew when it can
 */
export type Tell = <T extends object | number>(run: (node: string) => Promise<T>) => Promise<T | null>
