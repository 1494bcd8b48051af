-- Sets one user's role to p_new_role, or ends the membership when it is null. Covers joining, leaving, removal and a change
-- of role. If the owner leaves, or hands ownership over, another member's role changes at the next number: other, other_role
-- and other_name. When an owner leaves, the admin who joined first becomes the owner, or the member who joined first if there is no
-- admin. user_number and other_number are the users' own (parley_note_memberships). Raises PA001 when a role or an invitation is not
-- as given, PA002 as parley_lock does, and PA004 when someone who was removed joins without an invitation.
-- Raises PA014 when someone who is banned joins, with the milliseconds until the ban ends, or 0, as the detail. What the staff does to
-- others is noted in room_audit.
--
-- Members' rows have a lock order of their own, by room and then user, because marks move without the room's lock.
CREATE OR REPLACE FUNCTION parley_set_member(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean,
  p_user bigint, p_user_role text, p_user_invited boolean, p_new_role text, p_change text,
  OUT seq bigint, OUT at timestamptz, OUT other bigint, OUT other_role text, OUT other_name text,
  OUT user_number bigint, OUT other_number bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_numbers bigint[];
  v_ban record;
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
  IF p_change = 'removed' THEN
    INSERT INTO removals (room_id, user_id, removed_by, created_at) VALUES (p_room, p_user, p_actor, at)
      ON CONFLICT DO NOTHING;
  ELSIF p_user_role IS NULL THEN
    SELECT b.until INTO v_ban FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.until IS NULL OR b.until > at);
    IF FOUND THEN
      RAISE EXCEPTION 'the user is banned' USING ERRCODE = 'PA014',
        DETAIL = coalesce(ceil(extract(epoch FROM v_ban.until - at) * 1000), 0)::text;
    END IF;
    DELETE FROM removals WHERE room_id = p_room AND user_id = p_user;
    IF FOUND AND NOT p_user_invited THEN RAISE EXCEPTION 'the user was removed' USING ERRCODE = 'PA004'; END IF;
  END IF;
  IF p_user_role = 'owner' AND p_new_role IS NULL THEN
    WITH heirs AS (
      SELECT m.user_id, m.joined_at, rank() OVER (ORDER BY m.role <> 'admin', m.joined_at) AS place
        FROM members m JOIN users u ON u.id = m.user_id AND u.kind <> 'guest'
        WHERE m.room_id = p_room AND m.user_id <> p_user
    )
    SELECT h.user_id, 'owner' INTO other, other_role FROM heirs h WHERE h.place = 1
      -- Of those who came in the same millisecond.
      ORDER BY (SELECT max(e.seq) FROM room_events e
        WHERE e.room_id = p_room AND e.user_id = h.user_id AND e.type = 'joined'), h.user_id LIMIT 1;
  ELSIF p_actor_role = 'owner' AND p_new_role = 'owner' AND p_actor <> p_user THEN
    other := p_actor;
    other_role := 'admin';
  END IF;
  IF other IS NOT NULL THEN
    PERFORM FROM members WHERE room_id = p_room AND user_id IN (p_user, other) ORDER BY user_id FOR UPDATE;
    UPDATE members SET role = other_role WHERE room_id = p_room AND user_id = other;
    SELECT username INTO other_name FROM users WHERE id = other;
    INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
      VALUES (p_room, parley_set_member.seq + 1, other, p_actor, 'role', other_role, at);
  END IF;
  IF p_new_role IS NULL THEN
    DELETE FROM members WHERE room_id = p_room AND user_id = p_user;
  ELSIF p_user_role IS NULL THEN
    -- What was said before they came counts as read.
    INSERT INTO members (room_id, user_id, role, invited, read_seq, delivered_seq, joined_at)
      VALUES (p_room, p_user, p_new_role, p_user_invited, seq, seq, at);
  ELSE
    UPDATE members SET role = p_new_role WHERE room_id = p_room AND user_id = p_user;
  END IF;
  -- The owner is never muted.
  DELETE FROM mutes WHERE room_id = p_room AND (p_new_role = 'owner' AND user_id = p_user OR other_role = 'owner' AND user_id = other);
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
  IF p_actor <> p_user THEN
    INSERT INTO room_audit (room_id, actor_id, action, user_id, detail, created_at)
      VALUES (p_room, p_actor, CASE p_change WHEN 'removed' THEN 'remove' ELSE p_change END, p_user,
        jsonb_build_object('role', coalesce(p_new_role, p_user_role)), at);
  END IF;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, p_change, p_new_role, at);
  UPDATE rooms SET last_seq = parley_set_member.seq + (other IS NOT NULL)::int, updated_at = at,
    member_count = member_count + (p_new_role IS NOT NULL)::int - (p_user_role IS NOT NULL)::int
    WHERE id = p_room;
  IF other IS NULL THEN
    v_numbers := parley_note_memberships(p_room, ARRAY[p_user], ARRAY[p_change], ARRAY[p_new_role], p_actor, at);
  ELSE
    v_numbers := parley_note_memberships(
      p_room, ARRAY[p_user, other], ARRAY[p_change, 'role'], ARRAY[p_new_role, other_role], p_actor, at);
  END IF;
  IF p_new_role IS NULL THEN PERFORM parley_end_private(p_room, ARRAY[p_user], at); END IF;
  user_number := v_numbers[1];
  other_number := v_numbers[2];
END $$;
