import type { Sql } from 'postgres'

/** How much there is. Whatever its size, the same questions have answers of the same length. */
export interface Population {
  /** Numbers taken in each ordinary room: messages, but for a few members who join and a revision in fifty numbers. */
  readonly numbers: number
  /** Ordinary rooms. Every tenth is a direct chat. */
  readonly rooms: number
  /** The first room is this many times as long as the others. */
  readonly longer: number
  /** Users, all of them members of the first room. */
  readonly users: number
  /** The first user is in the first room and in so many of the others. */
  readonly joined: number
}

/** About 10,000 messages. */
export const SMALL: Population = { numbers: 80, rooms: 100, longer: 30, users: 200, joined: 100 }

/** About 10 million messages, 1.2 million of them in the first room. */
export const LARGE: Population = {
  numbers: 460,
  rooms: 20_000,
  longer: 2900,
  users: 100_000,
  joined: 10_000,
}

/** Numbers behind the last one that the first user has read in each ordinary room. In the first room they have read nothing. */
const BEHIND = 20

/**
 * Fills an empty, migrated database with the rows that the application would have left had all of this been said in it:
 * dense numbers, members and their events, edits and tombstones with numbers of their own, in the order of time. So a
 * room's messages lie apart on the disk, as those of rooms do that are written to at the same time.
 */
export async function populate(sql: Sql, population: Population): Promise<void> {
  const { numbers, rooms, longer, users, joined } = population
  await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`
    await tx`insert into users (username, username_key, look_alike, kind)
      select 'user-' || n, 'user-' || n, 'user-' || n, 'open' from generate_series(1, ${users}::int) n`
    // Who is in which room. The first room's people are all users, in the order of their ids.
    await tx`create temporary table plan on commit drop as
      select n + 1 as room, n % 10 = 0 as direct, ${numbers}::int as last, case
          when n % 10 = 0 and n <= ${joined}::int then array[1, 1 + n / 10]
          when n % 10 = 0 then array[1 + n / 10, 2 + n / 10]
          when n > ${joined}::int then others
          -- The first user's own ones, and those of others.
          else case when n % 2 = 1 then array[1] || others else others || array[1] end
        end as people
      from generate_series(1, ${rooms}::int) n,
        lateral (select array(select 2 + (n * 5 + i) % (${users}::int - 1) from generate_series(0, 4) i) as others) o`
    await tx`insert into rooms (name, kind, creator_id, last_seq, member_count, direct_low, direct_high)
      select 'room 1', 'public', 2, ${numbers * longer}::int, ${users}::int, null, null
      union all (select case when not direct then 'room ' || room end, case when direct then 'direct' else 'public' end, people[1],
        last, cardinality(people), case when direct then people[1] end, case when direct then people[2] end
        from plan order by room)`
    await tx`update rooms set name_key = name, look_alike = name where name is not null`
    await tx`insert into members (room_id, user_id, role, read_seq, delivered_seq)
      select room, person, case when direct or place > 1 then 'member' else 'owner' end, red, red
      from plan, unnest(people) with ordinality p(person, place),
        lateral (select case person when 1 then last - ${BEHIND}::int else (room * 7919 + person) % last end as red) mark
      union all select 1, n, case n when 2 then 'owner' else 'member' end, red, red
      from generate_series(1, ${users}::int) n,
        lateral (select case n when 1 then 1 else n * 7919 % ${numbers * longer}::int end as red) mark`
    await tx`insert into room_events (room_id, seq, user_id, actor_id, type, role, created_at)
      select room, 1 + (place - 1) * (last / cardinality(people)), person, person, 'joined',
        case place when 1 then 'owner' else 'member' end, ${EPOCH}::timestamptz
      from plan, unnest(people) with ordinality p(person, place) where not direct
      union all select 1, 1 + (n - 1) * ${every(population)}::int, n, n, 'joined', case n when 2 then 'owner' else 'member' end,
        ${EPOCH}::timestamptz from generate_series(1, ${users}::int) n`
    await tx`insert into membership_changes (user_id, room_id, seq, type, role, actor_id, created_at)
      select user_id, room_id, row_number() over (partition by user_id order by room_id), 'joined', role, user_id,
        ${EPOCH}::timestamptz from members`
    await tx`insert into membership_heads (user_id, seq) select user_id, count(*) from members group by user_id`
    await tx.unsafe(messages(population))
    await tx`update rooms set message_count = n
      from (select room_id, count(*) as n from messages where deleted_at is null group by room_id) counted
      where room_id = id`
    await tx`select parley_count_blocks(id, direct_low, 0, last_seq / 1024 * 1024) from rooms`
  })
}

const EPOCH = '2024-01-01'

/** In the first room: the numbers from one member's joining to the next one's. */
function every({ numbers, longer, users }: Population): number {
  return Math.floor((numbers * longer) / users)
}

/**
 * `n` is the number, `every` and `joins` say at which numbers somebody joins. At each fiftieth other number a message from
 * half-way back is edited, or at each hundredth deleted: `version` finds that number, if there is one, from the message.
 */
function messages(population: Population): string {
  const { numbers, longer, users } = population
  const joining = (n: string) => `((${n} - 1) % every = 0 and (${n} - 1) / every < joins)`
  return `
    insert into messages (room_id, seq, id, version_seq, sender_id, client_id, kind, body, created_at, edited_at, deleted_at)
    select room, n, nextval('message_ids'), version, sender, '~' || to_hex(tick) || 'n0000-' || to_hex(room::bigint * 4194304 + n), 'text',
      case when version % 100 = 0 then '' else 'A message of an ordinary length, as people write them; number ' || n end,
      at, case when version % 100 = 50 then at end, case when version % 100 = 0 then at end
    from generate_series(1, ${numbers}) tick,
      lateral (select timestamptz '${EPOCH}' + tick * interval '1 hour' as at offset 0) clock,
      lateral (
        select 1 as room, n, ${every(population)} as every, ${users} as joins, ${numbers * longer} as last,
          1 + n::bigint * 7919 % least((n - 1) / ${every(population)} + 1, ${users}) as sender
        from generate_series((tick - 1) * ${longer} + 1, tick * ${longer}) n
        union all
        select room, tick, every, case when direct then 0 else cardinality(people) end, last,
          people[1 + case when direct then tick % 2 else tick * 7 % least((tick - 1) / every + 1, cardinality(people)) end]
        from plan, lateral (select last / cardinality(people) as every) e
      ) slot,
      lateral (select case
        when (n - 1) % 25 = 0 then 2 * (n - 1)
        when (n - 2) % 25 = 0 and ${joining('(n - 1)')} then 2 * (n - 2)
      end as later) reviser,
      lateral (select case when later between 50 and last and not ${joining('later')} then later end as version) revision
    where not ${joining('n')} and n % 50 <> 0`
}
