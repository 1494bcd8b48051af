-- Changes a room's description, avatar and metadata (null leaves one unchanged, the metadata 'null' removes it) and returns them as they
-- are afterwards.
CREATE OR REPLACE FUNCTION parley_describe_room(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text, p_metadata text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text, OUT annotated text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_actor, p_actor, 'described', NULL, at);
  UPDATE rooms SET last_seq = parley_describe_room.seq, updated_at = at,
      description = coalesce(p_description, description), avatar = coalesce(p_avatar, avatar),
      metadata = nullif(coalesce(p_metadata, metadata), 'null')
    WHERE id = p_room RETURNING description, avatar, metadata INTO described, pictured, annotated;
  INSERT INTO room_audit (room_id, actor_id, action, created_at) VALUES (p_room, p_actor, 'describe', at);
END $$;
