-- Returns whether a user may speak in a room now: 0 yes, 2 not a member, 7 muted, 9 only the staff may post, 10 one of a direct chat's
-- two users blocks the other. wait is the number of milliseconds until a mute ends by itself, or 0. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_voice(p_room bigint, p_user bigint, p_at timestamptz, OUT code int, OUT wait bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_role text;
  v_posting text;
  v_mute record;
BEGIN
  wait := 0;
  SELECT m.role INTO v_role FROM members m WHERE m.room_id = p_room AND m.user_id = p_user;
  IF v_role IS NULL THEN code := 2; RETURN; END IF;
  SELECT r.posting INTO v_posting FROM rooms r WHERE r.id = p_room;
  IF v_posting = 'nobody' THEN code := 10; RETURN; END IF;
  SELECT u.until INTO v_mute FROM mutes u WHERE u.room_id = p_room AND u.user_id = p_user AND (u.until IS NULL OR u.until > p_at);
  IF FOUND THEN
    code := 7;
    wait := coalesce(ceil(extract(epoch FROM v_mute.until - p_at) * 1000), 0);
  ELSIF v_posting = 'staff' AND v_role = 'member' THEN
    code := 9;
  ELSE
    code := 0;
  END IF;
END $$;
