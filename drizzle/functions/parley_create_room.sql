-- Creates a room. Its first change is the owner's joining (if p_creator is not null), followed by the invitations. A unique
-- violation means that the name is taken. numbers are the owner's and the invited users' own (parley_note_memberships).
CREATE OR REPLACE FUNCTION parley_create_room(
  p_name text, p_kind text, p_creator bigint, p_description text, p_avatar text, p_invited bigint[],
  OUT room bigint, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_at timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_last bigint := 0;
  v_user bigint;
BEGIN
  INSERT INTO rooms (name, kind, creator_id, description, avatar, created_at, updated_at)
    VALUES (p_name, p_kind, p_creator, p_description, p_avatar, v_at, v_at) RETURNING id INTO room;
  IF p_creator IS NOT NULL THEN
    v_last := 1;
    INSERT INTO members (room_id, user_id, role, read_seq, delivered_seq, joined_at)
      VALUES (room, p_creator, 'owner', 1, 1, v_at);
    INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
      VALUES (room, 1, p_creator, p_creator, 'joined', 'owner', v_at);
    FOREACH v_user IN ARRAY p_invited LOOP
      v_last := v_last + 1;
      INSERT INTO invitations (room_id, user_id, invited_by) VALUES (room, v_user, p_creator);
      INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
        VALUES (room, v_last, v_user, p_creator, 'invited', NULL, v_at);
    END LOOP;
  END IF;
  UPDATE rooms SET last_seq = v_last, member_count = (p_creator IS NOT NULL)::int WHERE id = room;
  IF p_creator IS NOT NULL THEN
    numbers := parley_note_memberships(
      room, p_creator || p_invited, ARRAY['joined'] || array_fill('invited'::text, ARRAY[cardinality(p_invited)]),
      ARRAY['owner'] || array_fill(NULL::text, ARRAY[cardinality(p_invited)]), p_creator, v_at);
  END IF;
END $$;
