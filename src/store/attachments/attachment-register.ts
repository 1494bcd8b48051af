import type { Sql } from 'postgres'
import type { AttachmentId, AttachmentRegister, StoredAttachment } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { addAttachment, forgetAttachments, lapseAttachments } from '../functions/index.ts'
import { checkedId } from '../messages/index.ts'
import { firstRows, toArray } from '../sql/index.ts'

/** Writes the rows of attachments, and reads them. Messages take theirs in `parley_claim_attachments`. */
export function createAttachmentRegister(sql: Sql, guard: Guard): AttachmentRegister {
  return {
    databaseTime() {
      return guard(async () => {
        const [row] = await sql<
          { at: number }[]
        >`select (extract(epoch from clock_timestamp()) * 1000)::float8 as at`
        return row?.at ?? 0
      })
    },

    uploadAllowance(user, { quotaBytes, bytesPerHour, filesPerHour }) {
      return guard(async () => {
        const [row] = await sql<UsageRow[]>`
          select bytes::float8 as bytes, hour_bytes::float8 as hour, hour_files as files,
            greatest(0, extract(epoch from hour_at + interval '1 hour' - clock_timestamp()) * 1000)::float8 as wait
          from attachment_usage where user_id = ${user}`
        if (row === undefined) return { left: Math.min(quotaBytes, bytesPerHour), waitMs: 0 }
        const quota = Math.max(0, quotaBytes - row.bytes)
        if (row.wait === 0) return { left: Math.min(quota, bytesPerHour), waitMs: 0 }
        const hour = row.files >= filesPerHour ? 0 : Math.max(0, bytesPerHour - row.hour)
        return hour < quota ? { left: hour, waitMs: Math.ceil(row.wait) } : { left: quota, waitMs: 0 }
      })
    },

    addAttachment(wanted, { quotaBytes, bytesPerHour, filesPerHour }) {
      const { room, uploader, key, name, type, size, width, height, placeholder, hasThumbnail } = wanted
      return guard(async () => {
        const added = await addAttachment.row(sql, {
          ...{ room, uploader, key, name, type, size, width, height, placeholder },
          ...{
            has_thumbnail: hasThumbnail,
            quota: quotaBytes,
            hour_bytes: bytesPerHour,
            hour_files: filesPerHour,
          },
        })
        if (added.id !== null) return checkedId(added.id)
        return { left: added.left_bytes, waitMs: added.wait_ms }
      })
    },

    storedAttachment(id) {
      return guard(async () => {
        const { count } =
          await sql`update attachments set state = 'stored' where id = ${id} and state = 'new'`
        return count === 1
      })
    },

    attachments(room, user, ids) {
      return guard(async () => {
        const rows = await sql<AttachmentRow[]>`
          select a.id::float8 as id, a.key, a.name, a.type, a.size::float8 as size, a.width, a.height, a.placeholder,
            a.has_thumbnail as "hasThumbnail"
          from unnest(${toArray(ids)}::text::bigint[]) wanted(id)
            cross join lateral (select * from attachments where id = wanted.id limit 1) a
          where a.room_id = ${room} and (a.state = 'sent' or (a.state = 'stored' and a.uploader_id = ${user}))
          order by a.id`
        return rows.map((row): StoredAttachment => ({ ...row, id: checkedId(row.id) }))
      })
    },

    async lapseAttachments(ageMs, limit) {
      const { gone } = await guard(() => lapseAttachments.row(sql, { age_ms: ageMs, limit }))
      return gone
    },

    endedAttachments(limit) {
      return guard(async () => {
        const rows = await sql<{ id: AttachmentId; key: string }[]>`
          select id::float8 as id, key from (${firstRows(sql, sql`select * from attachments where state = 'ended'`, sql`id`, limit)}) ended
          order by ended.id limit ${limit}`
        return rows.map(({ id, key }) => ({ id: checkedId(id), key }))
      })
    },

    async forgetAttachments(ids) {
      if (ids.length > 0) await guard(() => forgetAttachments.row(sql, { ids }))
    },

    knownContents(keys) {
      return guard(async () => {
        const rows = await sql<{ key: string }[]>`
          select a.key from unnest(${toArray(keys)}::text::text[]) wanted(key)
            cross join lateral (select key from attachments where key = wanted.key limit 1) a`
        return new Set(rows.map(({ key }) => key))
      })
    },

    sharedSecret(name, fresh) {
      return guard(async () => {
        await sql`insert into shared_secrets (name, secret) values (${name}, ${fresh}) on conflict do nothing`
        const [row] = await sql<{ secret: string }[]>`select secret from shared_secrets where name = ${name}`
        if (row === undefined) throw new Error(`the secret ${name} was removed`)
        return row.secret
      })
    },
  }
}

interface UsageRow {
  readonly bytes: number
  readonly hour: number
  readonly files: number
  /** Milliseconds until the hour is over. */
  readonly wait: number
}

type AttachmentRow = StoredAttachment
