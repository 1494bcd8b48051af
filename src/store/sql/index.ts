/*
 * Pieces of SQL text that queries share.
 */
export { inTurns } from './in-turns.ts'
export { fromNumberArray, fromTextArray, toArray } from './pg-array.ts'
export { bodyLength, firstRows, fittingRows, type Part } from './planner-settings.ts'
