-- Takes a plain member's turn to send in a room in slow mode. Returns 0, or, if it is too soon and nothing was taken, the number of
-- milliseconds to wait. The room's staff does not wait. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_take_turn(p_room bigint, p_user bigint, p_seconds int, p_at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_wait bigint;
BEGIN
  IF (SELECT m.role FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) <> 'member' THEN RETURN 0; END IF;
  -- The clock may have been set back.
  SELECT greatest(0, least(p_seconds * 1000, ceil(p_seconds * 1000 - extract(epoch FROM p_at - s.at) * 1000))) INTO v_wait
    FROM slow_sends s WHERE s.room_id = p_room AND s.user_id = p_user;
  IF v_wait > 0 THEN RETURN v_wait; END IF;
  INSERT INTO slow_sends (room_id, user_id, at) VALUES (p_room, p_user, p_at)
    ON CONFLICT (room_id, user_id) DO UPDATE SET at = excluded.at;
  RETURN 0;
END $$;
