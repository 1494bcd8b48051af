-- Adds replies, which have just been written, to their threads. The arrays are in the order of the replies: the room, the number of the
-- message that begins the thread, the reply's number, and its sender. In a room the numbers ascend. p_at is the time of all of them.
--
-- Call it under the rooms' locks: everything here changes under them alone, except that users may follow and read a thread meanwhile
-- (thread_follows), who lock one row and then nothing else.
--
-- Whoever replies follows the thread from then on, and has read it up to there. So does the author of the message that begins it, unless
-- they have stopped to follow it.
CREATE OR REPLACE FUNCTION parley_reply(
  p_rooms bigint[], p_roots bigint[], p_seqs bigint[], p_senders bigint[], p_at timestamptz
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  INSERT INTO thread_replies (room_id, root, gone, seq, sender_id)
    SELECT r.room, r.root, false, r.seq, r.sender FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender);
  WITH came AS (
    INSERT INTO thread_participants AS p (room_id, root, user_id, replies, first_seq)
      SELECT r.room, r.root, r.sender, count(*), min(r.seq)
        FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender) GROUP BY r.room, r.root, r.sender
      ON CONFLICT (room_id, root, user_id) DO UPDATE SET replies = p.replies + excluded.replies
      -- A row that was inserted has no locker.
      RETURNING p.room_id, p.root, p.user_id, p.first_seq, p.xmax = 0 AS is_new
  )
  INSERT INTO threads AS t (room_id, root, replies, participants, users, last_seq, last_at, changed_seq)
    SELECT g.room, g.root, g.replies, n.count, n.users, g.last, p_at, g.last
      FROM (
        SELECT r.room, r.root, count(*) AS replies, max(r.seq) AS last
          FROM unnest(p_rooms, p_roots, p_seqs) AS r(room, root, seq) GROUP BY r.room, r.root
      ) g CROSS JOIN LATERAL (
        SELECT count(*) AS count, coalesce((array_agg(c.user_id ORDER BY c.first_seq))[1:3], '{}') AS users
          FROM came c WHERE c.room_id = g.room AND c.root = g.root AND c.is_new
      ) n
    ON CONFLICT (room_id, root) DO UPDATE SET
      replies = t.replies + excluded.replies, participants = t.participants + excluded.participants,
      users = (t.users || excluded.users)[1:3], last_seq = excluded.last_seq, last_at = excluded.last_at,
      changed_seq = excluded.changed_seq;
  PERFORM parley_begin_following(
    array_agg(f.usr), array_agg(f.room), array_agg(f.root), array_agg(f.red), array_agg(f.again)
  ) FROM (
    SELECT r.sender AS usr, r.room, r.root, max(r.seq) AS red, 1 AS again
      FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender) GROUP BY r.sender, r.room, r.root
    UNION ALL
    SELECT m.sender_id, g.room, g.root, g.root, 0
      FROM (SELECT DISTINCT r.room, r.root FROM unnest(p_rooms, p_roots) AS r(room, root)) g
      CROSS JOIN LATERAL (SELECT sender_id FROM messages WHERE room_id = g.room AND seq = g.root LIMIT 1) m
      -- One's own replies are above.
      WHERE NOT EXISTS (
        SELECT FROM unnest(p_rooms, p_roots, p_senders) AS r(room, root, sender)
          WHERE r.room = g.room AND r.root = g.root AND r.sender = m.sender_id)
  ) f;
END $$;
