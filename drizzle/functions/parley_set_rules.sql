-- Changes who may post in a room, and its slow mode (null leaves one unchanged); returns both as they are afterwards.
CREATE OR REPLACE FUNCTION parley_set_rules(
  p_room bigint, p_actor bigint, p_actor_role text, p_posting text, p_slow_mode int,
  OUT seq bigint, OUT at timestamptz, OUT posts text, OUT slow int
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET last_seq = parley_set_rules.seq, updated_at = at,
      posting = coalesce(p_posting, posting), slow_mode = coalesce(p_slow_mode, slow_mode),
      member_version = floor(random() * 9007199254740991) + 1
    WHERE id = p_room RETURNING posting, slow_mode INTO posts, slow;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (p_room, seq, NULL, p_actor, 'rules', NULL, at, jsonb_build_object('posting', posts, 'slow_mode', slow));
  INSERT INTO room_audit (room_id, actor_id, action, detail, created_at)
    VALUES (p_room, p_actor, 'rules', jsonb_build_object('posting', posts, 'slow_mode', slow), at);
END $$;
