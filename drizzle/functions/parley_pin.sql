-- Pins a message, or unpins it, with one event at the room's next number. If it is so already, nothing changes and nothing is told.
--
-- Returns a code: 0 done, or so already, 1 no such message, or it is deleted, 2 the room has p_most pinned messages. changed says whether
-- there is an event. head is the room's last number afterwards. Raises PA001, PA002 and, for a member who may not speak, PA011, PA012 or
-- PA013.
CREATE OR REPLACE FUNCTION parley_pin(
  p_room bigint, p_actor bigint, p_actor_role text, p_seq bigint, p_on boolean, p_most int,
  OUT code int, OUT changed boolean, OUT head bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  head := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  code := 0;
  changed := false;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  PERFORM parley_expect_voice(p_room, p_actor, at);
  IF NOT EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq AND m.deleted_at IS NULL) THEN
    code := 1;
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pins p WHERE p.room_id = p_room AND p.seq = p_seq) = p_on THEN RETURN; END IF;
  IF NOT p_on THEN
    DELETE FROM pins p WHERE p.room_id = p_room AND p.seq = p_seq;
  ELSIF (SELECT count(*) FROM (SELECT FROM pins p WHERE p.room_id = p_room LIMIT p_most) x) >= p_most THEN
    code := 2;
    RETURN;
  ELSE
    INSERT INTO pins (room_id, seq, user_id, event_seq, created_at) VALUES (p_room, p_seq, p_actor, head + 1, at);
  END IF;
  changed := true;
  head := head + 1;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (p_room, head, NULL, p_actor, 'pin', NULL, at, jsonb_build_object('message', p_seq, 'on', p_on));
  UPDATE rooms SET last_seq = head WHERE id = p_room;
END $$;
