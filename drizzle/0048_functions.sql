-- oldest build: 17
--
-- Counts the messages that a user has saved, up to p_most.
CREATE OR REPLACE FUNCTION parley_count_saved(p_user bigint, p_most int) RETURNS int LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM private_entries e WHERE e.type = 'saved' AND e.user_id = p_user AND e.value IS NOT NULL LIMIT p_most
    ) found
  );
END $$;
--> statement-breakpoint

-- Marks a member's messages from the number p_seq on as unread, in the member's own eyes: what others are shown of the member's marks stays
-- as it is. Does nothing if the member's own mark is below p_seq already; number is then null, else the user's own number of the change
-- (parley_set_private). own_read is the member's own mark afterwards, unread and mentions the
-- results of parley_unread and parley_mentions at it. All are null for non-members.
--
-- The member's row is locked first, so of a reading and a marking at the same time the later transaction decides, and the numbers have
-- the same order.
CREATE OR REPLACE FUNCTION parley_mark_unread(
  p_room bigint, p_user bigint, p_seq bigint, p_window int, p_most int,
  OUT own_read bigint, OUT delivered_to bigint, OUT head bigint, OUT unread int, OUT mentions int, OUT number bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_own bigint;
BEGIN
  SELECT coalesce(m.unread_after, m.read_seq), m.delivered_seq INTO v_own, delivered_to FROM members m
    WHERE m.room_id = p_room AND m.user_id = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT r.last_seq INTO head FROM rooms r WHERE r.id = p_room;
  own_read := least(v_own, greatest(p_seq - 1, 0));
  IF own_read < v_own THEN
    UPDATE members SET unread_after = own_read WHERE room_id = p_room AND user_id = p_user;
    number := parley_note_mark(p_room, p_user, own_read, true);
  END IF;
  unread := parley_unread(p_room, p_user, own_read, head, p_window, p_most);
  mentions := parley_mentions(p_room, p_user, own_read, head, p_window, p_most);
END $$;
--> statement-breakpoint

DROP FUNCTION parley_move_marks;
--> statement-breakpoint

-- Moves members' marks forward, never past the room's last number, and returns the marks as they are afterwards. place is the index
-- (from 1) in the arrays; entries of non-members are missing from the result. Each pair of room and user occurs once.
--
-- read_to is how far the member has read, which others are shown. own_read is less if the member has marked messages as unread
-- (parley_mark_unread): reading moves it forward, up to read_to, and number is then the user's own number of that change
-- (parley_set_private), else null. unread and
-- mentions are the results of parley_unread and parley_mentions at own_read.
--
-- Only marks that move are locked and written, because a lock is itself a write. Members are locked in the order of room and user:
-- the LIMITs in the lateral subqueries leave the planner no other plan than a look-up by key for each of the ordered rows.
CREATE OR REPLACE FUNCTION parley_move_marks(
  p_rooms bigint[], p_users bigint[], p_read bigint[], p_delivered bigint[], p_window int, p_most int
) RETURNS TABLE (
  place bigint, read_to bigint, delivered_to bigint, head bigint, unread bigint, mentions bigint, people int, moved boolean,
  own_read bigint, number bigint
)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, r.last_seq, r.member_count, m.read_seq, m.delivered_seq, m.unread_after,
      least(w.red, r.last_seq) > coalesce(m.unread_after, m.read_seq)
        OR least(greatest(w.red, w.got), r.last_seq) > m.delivered_seq AS moves
    FROM unnest(p_rooms, p_users, p_read, p_delivered) WITH ORDINALITY AS w(room, usr, red, got, ord)
    CROSS JOIN LATERAL (
      SELECT last_seq, member_count FROM rooms WHERE id = w.room AND deleted_at IS NULL LIMIT 1
    ) r
    CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq, unread_after FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1
    ) m
    ORDER BY w.room, w.usr
  ), held AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, w.last_seq, w.member_count, m.read_seq, m.delivered_seq, m.unread_after
    FROM wanted w CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq, unread_after FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1 FOR NO KEY UPDATE
    ) m WHERE w.moves
    UNION ALL
    SELECT ord, room, usr, red, got, last_seq, member_count, read_seq, delivered_seq, unread_after FROM wanted WHERE NOT moves
  ), target AS MATERIALIZED (
    SELECT h.*, t.red AS new_read, greatest(h.delivered_seq, least(h.got, h.last_seq), t.red) AS new_delivered,
      CASE WHEN least(h.red, h.last_seq) < h.read_seq THEN greatest(h.unread_after, least(h.red, h.last_seq)) END AS left_unread
    FROM held h CROSS JOIN LATERAL (SELECT greatest(h.read_seq, least(h.red, h.last_seq)) AS red) t
  ), goal AS MATERIALIZED (
    SELECT t.*, CASE WHEN t.unread_after IS NOT NULL THEN t.left_unread END AS new_unread FROM target t
  ), written AS (
    UPDATE members m SET read_seq = t.new_read, delivered_seq = t.new_delivered, unread_after = t.new_unread FROM goal t
    WHERE m.room_id = t.room AND m.user_id = t.usr
      AND (t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq OR t.new_unread IS DISTINCT FROM t.unread_after)
  ), noted AS MATERIALIZED (
    -- In the order of users, in which their counters are locked.
    SELECT s.ord, parley_note_mark(s.room, s.usr, coalesce(s.new_unread, s.new_read), s.new_unread IS NOT NULL) AS number FROM (
      SELECT * FROM goal t WHERE t.new_unread IS DISTINCT FROM t.unread_after ORDER BY t.usr, t.room OFFSET 0
    ) s
  )
  SELECT t.ord, t.new_read, t.new_delivered, t.last_seq,
    parley_unread(t.room, t.usr, coalesce(t.new_unread, t.new_read), t.last_seq, p_window, p_most)::bigint,
    parley_mentions(t.room, t.usr, coalesce(t.new_unread, t.new_read), t.last_seq, p_window, p_most)::bigint, t.member_count,
    t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq, coalesce(t.new_unread, t.new_read),
    (SELECT n.number FROM noted n WHERE n.ord = t.ord)
  FROM goal t;
END $$;
--> statement-breakpoint

-- Tells a user's devices where the user's own read mark in a room is, by a private entry, and whether it is behind what others are shown.
-- Returns the user's number. Call it last, as parley_set_private.
CREATE OR REPLACE FUNCTION parley_note_mark(p_room bigint, p_user bigint, p_read bigint, p_behind boolean) RETURNS bigint
LANGUAGE sql
AS $$
  SELECT parley_set_private(
    p_user, p_room, 'mark', 0, jsonb_build_object('read', p_read, 'behind', p_behind), date_trunc('milliseconds', clock_timestamp()))
$$;
--> statement-breakpoint

-- Saves a message for a user (p_on is 1), or removes it from those that the user has saved (0). code is 0 if that is so now; 1 if the message
-- does not exist or is deleted; 2 if the user has saved p_most messages. number is the user's own number of the entry, 0 if there never was
-- one. The caller has decided that the user may read the room.
--
-- Saved messages that were deleted since do not count: at the limit they are removed first.
CREATE OR REPLACE FUNCTION parley_save_message(
  p_room bigint, p_user bigint, p_seq bigint, p_on int, p_most int, OUT code int, OUT number bigint
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_held jsonb;
  v_message bigint;
  v_gone record;
BEGIN
  PERFORM parley_lock_private(p_user);
  code := 0;
  SELECT e.seq, e.value INTO number, v_held FROM private_entries e
    WHERE e.user_id = p_user AND e.room_id = p_room AND e.type = 'saved' AND e.item = p_seq;
  number := coalesce(number, 0);
  IF p_on = 0 THEN
    IF v_held IS NOT NULL THEN number := parley_set_private(p_user, p_room, 'saved', p_seq, NULL, v_now); END IF;
    RETURN;
  END IF;
  SELECT m.id INTO v_message FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq AND m.deleted_at IS NULL;
  IF NOT FOUND THEN code := 1; RETURN; END IF;
  IF v_held IS NOT NULL THEN RETURN; END IF;
  IF parley_count_saved(p_user, p_most) >= p_most THEN
    FOR v_gone IN SELECT e.room_id, e.item FROM private_entries e
      WHERE e.type = 'saved' AND e.user_id = p_user AND e.value IS NOT NULL AND NOT EXISTS (
        SELECT FROM messages m WHERE m.room_id = e.room_id AND m.seq = e.item AND m.deleted_at IS NULL)
      ORDER BY e.seq
    LOOP
      PERFORM parley_set_private(p_user, v_gone.room_id, 'saved', v_gone.item, NULL, v_now);
    END LOOP;
    IF parley_count_saved(p_user, p_most) >= p_most THEN code := 2; RETURN; END IF;
  END IF;
  number := parley_set_private(p_user, p_room, 'saved', p_seq, jsonb_build_object('message', v_message), v_now);
END $$;
