-- Moves members' marks forward, never past the room's last number, and returns the marks as they are afterwards. place is the index
-- (from 1) in the arrays; entries of non-members are missing from the result. Each pair of room and user occurs once.
--
-- Only marks that move are locked and written, because a lock is itself a write. Members are locked in the order of room and user:
-- the LIMITs in the lateral subqueries leave the planner no other plan than a look-up by key for each of the ordered rows. unread and
-- mentions are the results of parley_unread and parley_mentions at the new mark.
CREATE OR REPLACE FUNCTION parley_move_marks(
  p_rooms bigint[], p_users bigint[], p_read bigint[], p_delivered bigint[], p_window int, p_most int
) RETURNS TABLE (place bigint, read_to bigint, delivered_to bigint, head bigint, unread bigint, mentions bigint, people int, moved boolean)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, r.last_seq, r.member_count, m.read_seq, m.delivered_seq,
      least(w.red, r.last_seq) > m.read_seq OR least(greatest(w.red, w.got), r.last_seq) > m.delivered_seq AS moves
    FROM unnest(p_rooms, p_users, p_read, p_delivered) WITH ORDINALITY AS w(room, usr, red, got, ord)
    CROSS JOIN LATERAL (
      SELECT last_seq, member_count FROM rooms WHERE id = w.room AND deleted_at IS NULL LIMIT 1
    ) r
    CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1
    ) m
    ORDER BY w.room, w.usr
  ), held AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, w.last_seq, w.member_count, m.read_seq, m.delivered_seq
    FROM wanted w CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1 FOR NO KEY UPDATE
    ) m WHERE w.moves
    UNION ALL
    SELECT ord, room, usr, red, got, last_seq, member_count, read_seq, delivered_seq FROM wanted WHERE NOT moves
  ), target AS (
    SELECT h.*, t.red AS new_read, greatest(h.delivered_seq, least(h.got, h.last_seq), t.red) AS new_delivered
    FROM held h CROSS JOIN LATERAL (SELECT greatest(h.read_seq, least(h.red, h.last_seq)) AS red) t
  ), written AS (
    UPDATE members m SET read_seq = t.new_read, delivered_seq = t.new_delivered FROM target t
    WHERE m.room_id = t.room AND m.user_id = t.usr AND (t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq)
  )
  SELECT t.ord, t.new_read, t.new_delivered, t.last_seq,
    parley_unread(t.room, t.usr, t.new_read, t.last_seq, p_window, p_most)::bigint,
    parley_mentions(t.room, t.usr, t.new_read, t.last_seq, p_window, p_most)::bigint, t.member_count,
    t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq
  FROM target t;
END $$;
