/*
 * Pieces of SQL text that queries share.
 */
export { fromNumberArray, fromTextArray, toArray } from './pg-array.ts'
export { firstRows, type Part } from './planner-settings.ts'
