-- Lets a member of a room follow a thread, or stop to. root is the number of the message that begins the thread of p_seq: p_seq itself if
-- it is no reply. changed says whether that was another state before. Returns null for root if there is no such message, and for version if
-- the user is not a member. A user who begins to follow has read everything that is there.
CREATE OR REPLACE FUNCTION parley_follow_thread(
  p_user bigint, p_room bigint, p_seq bigint, p_following boolean,
  OUT root bigint, OUT following boolean, OUT read_seq bigint, OUT version bigint, OUT changed boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  changed := false;
  root := parley_root(p_room, p_seq);
  IF root IS NULL OR NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) THEN RETURN; END IF;
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    VALUES (p_user, p_room, parley_follow_thread.root, p_following, coalesce((
      SELECT t.last_seq FROM threads t WHERE t.room_id = p_room AND t.root = parley_follow_thread.root
    ), parley_follow_thread.root), 1)
    ON CONFLICT ON CONSTRAINT thread_follows_pkey DO UPDATE SET following = p_following, version = f.version + 1
      WHERE f.following <> p_following
    RETURNING true INTO changed;
  changed := coalesce(changed, false);
  SELECT f.following, f.read_seq, f.version INTO following, read_seq, version FROM thread_follows f
    WHERE f.user_id = p_user AND f.room_id = p_room AND f.root = parley_follow_thread.root;
END $$;
