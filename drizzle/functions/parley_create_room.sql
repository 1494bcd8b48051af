-- Creates a room. Its first change is the owner's joining (if p_creator is not null), followed by the invitations. Raises a unique
-- violation if the creator may see a room with an equal name, or if a public room's name looks like it. Two ASCII names never count
-- as looking alike. Rooms that the creator may not see do not count, so nobody learns from a refusal that they exist.
--
-- Simultaneous calls for names that are equal or look alike take turns. A node of the version before gives no keys. It is refused
-- the exact name of any room. numbers are the owner's and the invited users' own (parley_note_memberships).
-- Raises PA013 if one of the invited users blocks the creator.
CREATE OR REPLACE FUNCTION parley_create_room(
  p_name text, p_kind text, p_creator bigint, p_description text, p_avatar text, p_invited bigint[],
  p_key text DEFAULT NULL, p_look_alike text DEFAULT NULL, OUT room bigint, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_at timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_last bigint := 0;
  v_user bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(t.turn) FROM (
    SELECT DISTINCT hashtextextended(k.key, 0) AS turn FROM unnest(ARRAY[coalesce(p_key, p_name), p_look_alike]) AS k(key)
      WHERE k.key IS NOT NULL ORDER BY turn
  ) t;
  IF (SELECT f.visible FROM parley_find_room(p_name, p_key, p_creator) f)
    OR (SELECT true FROM rooms r WHERE r.look_alike = p_look_alike AND r.kind = 'public'
      AND octet_length(r.name || p_name) > char_length(r.name || p_name) LIMIT 1) IS NOT NULL
    OR p_key IS NULL AND (SELECT true FROM rooms r WHERE r.name = p_name AND r.deleted_at IS NULL LIMIT 1) IS NOT NULL
  THEN RAISE EXCEPTION 'the name is taken' USING ERRCODE = '23505'; END IF;
  INSERT INTO rooms (name, name_key, look_alike, kind, creator_id, description, avatar, created_at, updated_at)
    VALUES (p_name, p_key, p_look_alike, p_kind, p_creator, p_description, p_avatar, v_at, v_at) RETURNING id INTO room;
  IF p_creator IS NOT NULL THEN
    PERFORM parley_expect_unblocked(p_creator, p_invited);
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
