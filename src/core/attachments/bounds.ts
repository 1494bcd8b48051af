/** Milliseconds after which an attachment that no message has is removed. */
export const UNSENT_MS = 3_600_000
/** The most attachments whose URLs are told at once. */
export const MOST_URLS = 100
/** Uploads of one user on a node that may be under way at the same time. */
export const UPLOADS_AT_ONCE = 4
/** The same for all users of a node. */
export const NODE_UPLOADS = 64
