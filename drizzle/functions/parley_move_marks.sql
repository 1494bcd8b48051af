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
