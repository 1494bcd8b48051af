/*
 * The user's own memberships: each change is told once, in order, and what was missed while there was no connection is asked for.
 */
export { createMemberships, type Memberships, type MembershipsNeeds } from './memberships.ts'
