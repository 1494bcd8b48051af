-- Withdraws the invitation that p_invited_by made. Raises PA001 when there is no such invitation. user_number is the
-- user's own (parley_note_memberships).
CREATE OR REPLACE FUNCTION parley_uninvite(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean, p_user bigint, p_invited_by bigint,
  OUT seq bigint, OUT at timestamptz, OUT user_number bigint
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user AND invited_by = p_invited_by;
  IF NOT FOUND THEN RAISE EXCEPTION 'the facts have changed' USING ERRCODE = 'PA001'; END IF;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, 'uninvited', NULL, at);
  UPDATE rooms SET last_seq = parley_uninvite.seq, updated_at = at WHERE id = p_room;
  user_number := (parley_note_memberships(p_room, ARRAY[p_user], ARRAY['uninvited'], ARRAY[NULL::text], p_actor, at))[1];
END $$;
