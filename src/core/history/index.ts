/*
 * The epochs of the history: notices that the database lost its tail, and begins another epoch.
 */
export { Epochs } from './epochs.ts'
