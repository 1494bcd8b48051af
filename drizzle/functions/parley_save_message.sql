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
