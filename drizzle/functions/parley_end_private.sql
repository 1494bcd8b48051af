-- Removes what users keep about a room in which they are no longer members, each entry at its user's next number. What they have saved
-- stays, since it is shown to those alone who may read it. Call it last, with the users in the order of their ids.
CREATE OR REPLACE FUNCTION parley_end_private(p_room bigint, p_users bigint[], p_at timestamptz) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_users bigint[];
  v_user bigint;
  v_entry record;
BEGIN
  SELECT coalesce(array_agg(w.usr ORDER BY w.usr), '{}') INTO v_users FROM unnest(p_users) AS w(usr)
    WHERE EXISTS (SELECT FROM private_entries e WHERE e.user_id = w.usr AND e.room_id = p_room AND e.value IS NOT NULL);
  FOREACH v_user IN ARRAY v_users LOOP
    PERFORM parley_lock_private(v_user);
    FOR v_entry IN SELECT type, item FROM private_entries
      WHERE user_id = v_user AND room_id = p_room AND type <> 'saved' AND value IS NOT NULL ORDER BY type, item
    LOOP
      PERFORM parley_set_private(v_user, p_room, v_entry.type, v_entry.item, NULL, p_at);
    END LOOP;
  END LOOP;
END $$;
