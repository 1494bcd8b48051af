/**
 * Runs something under this node's name. @returns null if Redis could not be asked; the node then tells everything anew when Redis is
 * back
 */
export type Tell = <T extends object | number>(run: (node: string) => Promise<T>) => Promise<T | null>
