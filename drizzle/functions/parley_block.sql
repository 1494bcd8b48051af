-- Blocks a user for another one (p_on), or ends that. changed is whether it was otherwise before. While one of two users blocks the other,
-- nobody may post in their direct chat: if that changes, room is the chat and seq the number of the event that tells it. too_many is
-- whether the user blocks p_most others already; then nothing changes.
--
-- Calls about the same two users take turns with each other and with parley_open_direct, so that no chat is opened past a block.
CREATE OR REPLACE FUNCTION parley_block(
  p_user bigint, p_other bigint, p_on boolean, p_most int,
  OUT changed boolean, OUT too_many boolean, OUT room bigint, OUT seq bigint, OUT at timestamptz, OUT posts text
) LANGUAGE plpgsql AS $$
DECLARE
  v_posting text;
BEGIN
  PERFORM parley_pair_lock(p_user, p_other);
  at := date_trunc('milliseconds', clock_timestamp());
  too_many := false;
  IF NOT p_on THEN
    DELETE FROM user_blocks WHERE user_id = p_user AND blocked_id = p_other;
    changed := FOUND;
  ELSE
    IF (SELECT count(*) FROM (SELECT FROM user_blocks WHERE user_id = p_user LIMIT p_most) b) >= p_most THEN
      too_many := NOT EXISTS (SELECT FROM user_blocks WHERE user_id = p_user AND blocked_id = p_other);
      changed := false;
      IF too_many THEN RETURN; END IF;
    END IF;
    INSERT INTO user_blocks (user_id, blocked_id, created_at) VALUES (p_user, p_other, at) ON CONFLICT DO NOTHING;
    changed := FOUND;
  END IF;
  IF NOT changed THEN RETURN; END IF;
  SELECT r.id INTO room FROM rooms r
    WHERE r.direct_low = least(p_user, p_other) AND r.direct_high = greatest(p_user, p_other) AND r.direct_low IS NOT NULL;
  IF NOT FOUND THEN RETURN; END IF;
  seq := parley_lock(room) + 1;
  posts := CASE WHEN parley_blocked(p_user, p_other) THEN 'nobody' ELSE 'everyone' END;
  SELECT r.posting INTO v_posting FROM rooms r WHERE r.id = room;
  IF v_posting = posts THEN
    room := NULL; seq := NULL;
    RETURN;
  END IF;
  UPDATE rooms SET last_seq = parley_block.seq, posting = posts, updated_at = at,
      member_version = floor(random() * 9007199254740991) + 1 WHERE id = room;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (room, seq, NULL, p_user, 'rules', NULL, at, jsonb_build_object('posting', posts, 'slow_mode', 0));
END $$;
