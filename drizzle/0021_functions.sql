-- oldest build: 17
DROP FUNCTION parley_create_room;
--> statement-breakpoint

-- Creates a room. Its first change is the owner's joining (if p_creator is not null), followed by the invitations. Raises a unique
-- violation if the creator may see a room with an equal name, or if a public room's name looks like it. Two ASCII names never count
-- as looking alike. Rooms that the creator may not see do not count, so nobody learns from a refusal that they exist.
--
-- Simultaneous calls for names that are equal or look alike take turns. A node of the version before gives no keys. It is refused
-- the exact name of any room. numbers are the owner's and the invited users' own (parley_note_memberships).
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
--> statement-breakpoint

-- Makes an account; made is null when its name is taken, in any case, or looks like another's. ASCII names never count as looking
-- alike. Simultaneous calls for names that look alike take turns.
CREATE OR REPLACE FUNCTION parley_create_user(
  p_username text, p_key text, p_look_alike text, p_password_hash text, p_kind text, OUT made bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_look_alike, 1));
  IF (SELECT true FROM users u WHERE u.look_alike = p_look_alike
    AND octet_length(u.username || p_username) > char_length(u.username || p_username) LIMIT 1) IS NOT NULL
  THEN RETURN; END IF;
  INSERT INTO users (username, username_key, look_alike, password_hash, kind)
    VALUES (p_username, p_key, p_look_alike, p_password_hash, p_kind)
    ON CONFLICT DO NOTHING RETURNING id, created_at INTO made, at;
END $$;
--> statement-breakpoint

-- Deletes a room for everyone when the transaction commits. Its messages stay until parley_purge has removed them piece by piece.
-- Members' rows are locked first, in the order of users, as everywhere that more than one of them changes. Returns who was a member
-- or invited, and their own numbers (parley_note_memberships).
CREATE OR REPLACE FUNCTION parley_delete_room(
  p_room bigint, p_actor bigint, p_actor_role text, OUT users bigint[], OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_lock(p_room);
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET deleted_at = clock_timestamp(), name_key = NULL, look_alike = NULL WHERE id = p_room;
  PERFORM FROM members WHERE room_id = p_room ORDER BY user_id FOR UPDATE;
  SELECT coalesce(array_agg(usr ORDER BY usr), '{}') INTO users FROM (
    SELECT user_id AS usr FROM members WHERE room_id = p_room
    UNION ALL
    SELECT user_id FROM invitations WHERE room_id = p_room
  ) concerned;
  DELETE FROM members WHERE room_id = p_room;
  DELETE FROM invitations WHERE room_id = p_room;
  numbers := coalesce(parley_note_memberships(
    p_room, users, array_fill('room_deleted'::text, ARRAY[cardinality(users)]),
    array_fill(NULL::text, ARRAY[cardinality(users)]), p_actor, date_trunc('milliseconds', clock_timestamp())), '{}');
END $$;
--> statement-breakpoint

-- Returns the room that a name means for a user; null if no room has it. Names of hidden rooms are unique for those who may see them,
-- so one name can belong to several rooms. Of those that the user may see, one that is spelled exactly so comes first, then one that
-- the user is a member of, then the oldest. If the user may see none, room is a hidden one, and visible is false.
--
-- Anyone can create many hidden rooms of one name. If there are more than 50, the user's own ones are searched for instead: the cost
-- is the lesser of the two. Deleted rooms have no key. Rooms that a node of the version before created have no key for a minute, and are found by their exact name.
CREATE OR REPLACE FUNCTION parley_find_room(p_name text, p_key text, p_user bigint, OUT room bigint, OUT visible boolean)
LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_hidden bigint[] := ARRAY(
    SELECT r.id FROM rooms r WHERE r.name_key = p_key AND r.kind <> 'public' LIMIT 51
  ) || ARRAY(
    SELECT r.id FROM rooms r WHERE r.name = p_name AND r.name_key IS NULL AND r.deleted_at IS NULL LIMIT 1
  );
  v_wanted bigint[] := v_hidden;
BEGIN
  IF cardinality(v_hidden) > 50 THEN
    v_wanted := ARRAY(
      SELECT o.room_id FROM (
        SELECT m.room_id FROM members m WHERE m.user_id = p_user UNION ALL SELECT i.room_id FROM invitations i WHERE i.user_id = p_user
      ) o WHERE (
        SELECT true FROM rooms WHERE id = o.room_id AND name_key = p_key AND kind <> 'public' LIMIT 1
      ) IS NOT NULL LIMIT 50
    );
  END IF;
  SELECT f.id INTO room FROM (
    SELECT r.*, (SELECT true FROM members WHERE room_id = r.id AND user_id = p_user LIMIT 1) IS NOT NULL AS mine,
      (SELECT true FROM invitations WHERE room_id = r.id AND user_id = p_user LIMIT 1) IS NOT NULL AS invited
    FROM (
      SELECT id, name, kind FROM rooms WHERE name_key = p_key AND kind = 'public'
      UNION ALL
      SELECT h.id, h.name, h.kind FROM unnest(v_wanted) w(id) CROSS JOIN LATERAL (
        SELECT id, name, kind FROM rooms WHERE id = w.id LIMIT 1
      ) h
    ) r
  ) f WHERE f.kind = 'public' OR f.mine OR f.invited ORDER BY f.name = p_name DESC, f.mine DESC, f.id LIMIT 1;
  visible := room IS NOT NULL;
  IF room IS NULL THEN room := v_hidden[1]; END IF;
END $$;
