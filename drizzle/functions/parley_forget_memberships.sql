-- Removes up to p_limit changes of memberships that ended more than p_days ago, and returns how many. membership_heads.forgotten_seq
-- then says up to which number a user's list is no longer whole. Locks counters in the order of users, as parley_note_memberships.
CREATE OR REPLACE FUNCTION parley_forget_memberships(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_before timestamptz := now() - p_days * interval '1 day';
  v_users bigint[];
  v_rooms bigint[];
  v_user bigint;
BEGIN
  SELECT coalesce(array_agg(d.user_id), '{}'), coalesce(array_agg(d.room_id), '{}') INTO v_users, v_rooms FROM (
    SELECT user_id, room_id FROM membership_changes
      WHERE role IS NULL AND type <> 'invited' AND created_at < v_before ORDER BY created_at LIMIT p_limit
  ) d;
  FOR v_user IN SELECT DISTINCT w.usr FROM unnest(v_users) AS w(usr) ORDER BY w.usr LOOP
    PERFORM FROM membership_heads WHERE user_id = v_user FOR UPDATE;
  END LOOP;
  gone := 0;
  FOR i IN 1 .. cardinality(v_users) LOOP
    -- The user may have come back meanwhile.
    WITH forgotten AS (
      DELETE FROM membership_changes
        WHERE user_id = v_users[i] AND room_id = v_rooms[i] AND role IS NULL AND type <> 'invited' AND created_at < v_before
        RETURNING user_id, seq
    )
    UPDATE membership_heads h SET forgotten_seq = greatest(h.forgotten_seq, f.seq) FROM forgotten f WHERE h.user_id = f.user_id;
    IF FOUND THEN gone := gone + 1; END IF;
  END LOOP;
END $$;
