-- Gathers replies from before there were threads into threads, up to p_limit messages at a time, in the order of their ids. Returns how
-- many it has looked at; fewer than p_limit once it is done. A reply has a higher id than what it replies to, so its target has been
-- here before it. Nobody follows these threads yet.
--
-- Clients are not told: whoever reads the messages afterwards sees the threads.
CREATE OR REPLACE FUNCTION parley_gather_threads(p_limit int, OUT seen int) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_done bigint;
  v_until bigint;
  v_last bigint;
  v_root bigint;
  v_rooms bigint[];
  v_room bigint;
  r record;
BEGIN
  seen := 0;
  INSERT INTO thread_progress (one, done_id, until_id) SELECT true, 0, coalesce((SELECT max(id) FROM messages), 0)
    WHERE NOT EXISTS (SELECT FROM thread_progress) ON CONFLICT DO NOTHING;
  SELECT done_id, until_id INTO v_done, v_until FROM thread_progress FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR v_done >= v_until THEN RETURN; END IF;
  SELECT count(*), max(p.id) INTO seen, v_last FROM (
    SELECT id FROM messages WHERE id > v_done AND id <= v_until ORDER BY id LIMIT p_limit
  ) p;
  IF seen < p_limit THEN v_last := v_until; END IF;
  SELECT array_agg(DISTINCT m.room_id) INTO v_rooms
    FROM (SELECT * FROM messages WHERE id > v_done AND id <= v_last ORDER BY id LIMIT p_limit) m
    WHERE m.reply_to IS NOT NULL AND m.thread IS NULL;
  FOREACH v_room IN ARRAY coalesce(v_rooms, '{}') LOOP
    PERFORM FROM rooms WHERE id = v_room FOR UPDATE;
  END LOOP;
  FOR r IN
    SELECT m.* FROM (SELECT * FROM messages WHERE id > v_done AND id <= v_last ORDER BY id LIMIT p_limit) m
      WHERE m.reply_to IS NOT NULL AND m.thread IS NULL ORDER BY m.id
  LOOP
    v_root := parley_root(r.room_id, r.reply_to);
    CONTINUE WHEN v_root IS NULL;
    UPDATE messages SET thread = v_root WHERE room_id = r.room_id AND seq = r.seq;
    INSERT INTO thread_replies (room_id, root, gone, seq, sender_id) VALUES (r.room_id, v_root, r.deleted_at IS NOT NULL, r.seq, r.sender_id);
    CONTINUE WHEN r.deleted_at IS NOT NULL;
    -- The thread may have newer replies already.
    INSERT INTO thread_participants AS p (room_id, root, user_id, replies, first_seq) VALUES (r.room_id, v_root, r.sender_id, 1, r.seq)
      ON CONFLICT (room_id, root, user_id) DO UPDATE SET replies = p.replies + 1, first_seq = least(p.first_seq, excluded.first_seq);
    INSERT INTO threads AS t (room_id, root, replies, participants, users, last_seq, last_at, changed_seq)
      VALUES (r.room_id, v_root, 1, 0, '{}', r.seq, r.created_at, r.seq)
      ON CONFLICT (room_id, root) DO UPDATE SET
        replies = t.replies + 1,
        last_seq = greatest(t.last_seq, excluded.last_seq), last_at = greatest(t.last_at, excluded.last_at),
        changed_seq = greatest(t.changed_seq, excluded.changed_seq);
    UPDATE threads t SET
        participants = t.participants + (p.replies = 1)::int,
        users = (SELECT array_agg(f.user_id ORDER BY f.first_seq) FROM (
          SELECT user_id, first_seq FROM thread_participants WHERE room_id = r.room_id AND root = v_root ORDER BY first_seq LIMIT 3
        ) f)
      FROM thread_participants p
      WHERE t.room_id = r.room_id AND t.root = v_root AND p.room_id = r.room_id AND p.root = v_root AND p.user_id = r.sender_id;
  END LOOP;
  UPDATE thread_progress SET done_id = v_last;
END $$;
