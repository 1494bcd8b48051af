-- Invites the users in p_users who are neither members nor invited, in the order given, each at its own number. Returns the invited
-- users, the room's numbers, and the users' own (parley_note_memberships). If nobody was newly invited, nothing changes.
-- Raises PA004 when a plain member invites someone who was removed, PA015 when one of the users is banned, and PA013 when one of them
-- blocks the actor.
CREATE OR REPLACE FUNCTION parley_invite(
  p_room bigint, p_actor bigint, p_actor_role text, p_users bigint[],
  OUT invited bigint[], OUT seqs bigint[], OUT at timestamptz, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
  v_user bigint;
BEGIN
  v_last := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  invited := '{}'; seqs := '{}'; numbers := '{}';
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  IF p_actor_role = 'member' AND EXISTS (SELECT FROM removals WHERE room_id = p_room AND user_id = ANY (p_users)) THEN
    RAISE EXCEPTION 'the user was removed' USING ERRCODE = 'PA004';
  END IF;
  IF EXISTS (SELECT FROM bans b WHERE b.room_id = p_room AND b.user_id = ANY (p_users) AND (b.until IS NULL OR b.until > at)) THEN
    RAISE EXCEPTION 'the user is banned' USING ERRCODE = 'PA015';
  END IF;
  PERFORM parley_expect_unblocked(p_actor, p_users);
  FOREACH v_user IN ARRAY p_users LOOP
    IF NOT EXISTS (SELECT FROM members WHERE room_id = p_room AND user_id = v_user) THEN
      INSERT INTO invitations (room_id, user_id, invited_by) VALUES (p_room, v_user, p_actor) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        v_last := v_last + 1;
        invited := invited || v_user; seqs := seqs || v_last;
        INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
          VALUES (p_room, v_last, v_user, p_actor, 'invited', NULL, at);
      END IF;
    END IF;
  END LOOP;
  IF cardinality(invited) > 0 THEN
    UPDATE rooms SET last_seq = v_last, updated_at = at WHERE id = p_room;
    numbers := parley_note_memberships(
      p_room, invited, array_fill('invited'::text, ARRAY[cardinality(invited)]),
      array_fill(NULL::text, ARRAY[cardinality(invited)]), p_actor, at);
  END IF;
END $$;
