/*
 * What runs beside the requests, from the start of the process to its stop.
 */
export { startJobs } from './jobs.ts'
