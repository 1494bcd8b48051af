-- Changes a room's description and avatar (null leaves one unchanged) and returns both as they are afterwards.
CREATE OR REPLACE FUNCTION parley_describe(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_actor, p_actor, 'described', NULL, at);
  UPDATE rooms SET last_seq = parley_describe.seq, updated_at = at,
      description = coalesce(p_description, description), avatar = coalesce(p_avatar, avatar)
    WHERE id = p_room RETURNING description, avatar INTO described, pictured;
END $$;
