-- Notes a change of each user's membership of a room, at the user's next number. Returns the numbers in the order of p_users, in
-- which each user comes once; p_types and p_roles are in the same order. Only the latest change of each user in each room is kept.
--
-- Call it last, under the room's lock. It locks the users' counters, in the order of their ids, until the transaction ends. So two
-- transactions about one user commit in the order of its numbers, a reader who sees a number sees all lower ones, and no two
-- transactions wait for each other.
CREATE OR REPLACE FUNCTION parley_note_memberships(
  p_room bigint, p_users bigint[], p_types text[], p_roles text[], p_actor bigint, p_at timestamptz, OUT numbers bigint[]
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  INSERT INTO membership_heads AS h (user_id, seq)
    SELECT w.usr, 1 FROM unnest(p_users) AS w(usr) ORDER BY w.usr
    ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + 1;
  INSERT INTO membership_changes AS c (user_id, room_id, seq, type, role, actor_id, created_at)
    SELECT w.usr, p_room, h.seq, w.type, w.role, p_actor, p_at
      FROM unnest(p_users, p_types, p_roles) AS w(usr, type, role)
      CROSS JOIN LATERAL (SELECT seq FROM membership_heads WHERE user_id = w.usr LIMIT 1) h
    ON CONFLICT (user_id, room_id) DO UPDATE SET
      seq = excluded.seq, type = excluded.type, role = excluded.role, actor_id = excluded.actor_id,
      created_at = excluded.created_at;
  SELECT array_agg(h.seq ORDER BY w.place) INTO numbers
    FROM unnest(p_users) WITH ORDINALITY AS w(usr, place)
    CROSS JOIN LATERAL (SELECT seq FROM membership_heads WHERE user_id = w.usr LIMIT 1) h;
END $$;
