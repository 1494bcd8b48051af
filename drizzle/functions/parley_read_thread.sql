-- Moves the mark up to which a member of a room has read a thread; only forward, and not past the room's last number. The results are those
-- of parley_follow_thread. A mark is kept also if the user does not follow the thread.
CREATE OR REPLACE FUNCTION parley_read_thread(
  p_user bigint, p_room bigint, p_seq bigint, p_read bigint,
  OUT root bigint, OUT following boolean, OUT read_seq bigint, OUT version bigint, OUT changed boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_read bigint;
BEGIN
  changed := false;
  root := parley_root(p_room, p_seq);
  IF root IS NULL OR NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) THEN RETURN; END IF;
  SELECT least(p_read, r.last_seq) INTO v_read FROM rooms r WHERE r.id = p_room;
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    VALUES (p_user, p_room, parley_read_thread.root, false, v_read, 1)
    ON CONFLICT ON CONSTRAINT thread_follows_pkey DO UPDATE SET read_seq = v_read, version = f.version + 1 WHERE f.read_seq < v_read
    RETURNING true INTO changed;
  changed := coalesce(changed, false);
  SELECT f.following, f.read_seq, f.version INTO following, read_seq, version FROM thread_follows f
    WHERE f.user_id = p_user AND f.room_id = p_room AND f.root = parley_read_thread.root;
END $$;
