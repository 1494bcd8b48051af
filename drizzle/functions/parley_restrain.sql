-- Bans, unbans, mutes or unmutes a user (p_act), with one event at the room's next number. Banning a member or someone who is invited ends
-- that first, with an event of its own at the number before: ended is its type, or null. p_until is in milliseconds since 1970, or null for
-- no end. A ban or mute that is there already is replaced. seq is null when there is nothing to lift; then nothing changes.
--
-- user_number is the user's own (parley_note_memberships), null if no membership or invitation has ended. Raises PA001 when a role or an
-- invitation is not as given, and PA002 as parley_lock does.
CREATE OR REPLACE FUNCTION parley_restrain(
  p_room bigint, p_actor bigint, p_actor_role text, p_user bigint, p_user_role text, p_user_invited boolean,
  p_act text, p_reason text, p_until bigint,
  OUT seq bigint, OUT at timestamptz, OUT ended text, OUT user_number bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint := parley_lock(p_room) + 1;
  v_until timestamptz := to_timestamp(p_until / 1000.0);
  v_type text := CASE p_act WHEN 'ban' THEN 'banned' WHEN 'unban' THEN 'unbanned' WHEN 'mute' THEN 'muted' ELSE 'unmuted' END;
BEGIN
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
  IF p_act = 'ban' THEN
    INSERT INTO bans (room_id, user_id, actor_id, reason, until, created_at) VALUES (p_room, p_user, p_actor, p_reason, v_until, at)
      ON CONFLICT (room_id, user_id) DO UPDATE SET
        actor_id = excluded.actor_id, reason = excluded.reason, until = excluded.until, created_at = excluded.created_at;
    IF p_user_role IS NOT NULL THEN
      ended := 'removed';
      DELETE FROM members WHERE room_id = p_room AND user_id = p_user;
    ELSIF p_user_invited THEN
      ended := 'uninvited';
      DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
    END IF;
    IF ended IS NOT NULL THEN
      INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
        VALUES (p_room, v_next, p_user, p_actor, ended, NULL, at);
      v_next := v_next + 1;
    END IF;
  ELSIF p_act = 'mute' THEN
    INSERT INTO mutes (room_id, user_id, actor_id, reason, until, created_at) VALUES (p_room, p_user, p_actor, p_reason, v_until, at)
      ON CONFLICT (room_id, user_id) DO UPDATE SET
        actor_id = excluded.actor_id, reason = excluded.reason, until = excluded.until, created_at = excluded.created_at;
  ELSIF p_act = 'unban' THEN
    DELETE FROM bans WHERE room_id = p_room AND user_id = p_user;
    IF NOT FOUND THEN RETURN; END IF;
  ELSE
    DELETE FROM mutes WHERE room_id = p_room AND user_id = p_user;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  seq := v_next;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (p_room, v_next, p_user, p_actor, v_type, p_user_role, at, jsonb_build_object('until', p_until));
  INSERT INTO room_audit (room_id, actor_id, action, user_id, detail, created_at)
    VALUES (p_room, p_actor, p_act, p_user, jsonb_build_object('reason', p_reason, 'until', p_until), at);
  UPDATE rooms SET last_seq = v_next, updated_at = at, member_count = member_count - (ended IS NOT DISTINCT FROM 'removed')::int
    WHERE id = p_room;
  IF ended IS NOT NULL THEN
    user_number := (parley_note_memberships(p_room, ARRAY[p_user], ARRAY[ended], ARRAY[NULL::text], p_actor, at))[1];
    PERFORM parley_end_private(p_room, ARRAY[p_user], at);
  END IF;
END $$;
