/*
 * What messages carry besides their text: the table of all members of `MessageDetails`, and their one form as text, which the database,
 * the nodes' stream and the memory of a room share.
 */
export { knownAttachments, MOST_ATTACHMENTS } from './attachments.ts'
export {
  changedDetails,
  detailNames,
  detailsLength,
  detailsOf,
  detailsProblem,
  MOST_DETAILS_LENGTH,
  storedDetails,
} from './details.ts'
export { jsonObject, jsonText, storedJson } from './json-text.ts'
export { refuseMetadata } from './metadata.ts'
