-- Begins the epoch after p_number, p_name, to be named p_next, if the history was rewritten since: the database is in an earlier or
-- another epoch; or the node's beat p_beat is not there any more; or a room contradicts what was read of it. Returns the epoch
-- that holds afterwards: a later one if somebody else has begun it, the same one if nothing proves a rewrite.
--
-- p_room (null for none) had the change p_seq: p_message is the message that was sent with that number, 0 for another change, null
-- if only the number is known. The room contradicts that if it has not come so far, or if something else has the number. A row
-- that is missing proves nothing: rooms are deleted and purged.
CREATE OR REPLACE FUNCTION parley_begin_epoch(
  p_number bigint, p_name text, p_next text, p_node text, p_beat bigint, p_room bigint, p_seq bigint, p_message bigint,
  OUT number bigint, OUT name text
) LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
  v_message bigint;
  v_rewritten boolean;
BEGIN
  SELECT h.number, h.name INTO number, name FROM history_epoch h FOR UPDATE;
  IF number > p_number THEN RETURN; END IF;
  v_rewritten := number IS DISTINCT FROM p_number OR name <> p_name
    OR p_beat > 0 AND NOT EXISTS (SELECT FROM history_beats b WHERE b.node = p_node AND b.beat >= p_beat);
  SELECT r.last_seq INTO v_last FROM rooms r WHERE r.id = p_room AND r.deleted_at IS NULL;
  IF v_last < p_seq THEN
    v_rewritten := true;
  ELSIF v_last IS NOT NULL AND p_message IS NOT NULL THEN
    SELECT m.id INTO v_message FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq;
    v_rewritten := v_rewritten OR coalesce(v_message <> p_message, p_message > 0 AND (
      EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.version_seq = p_seq)
      OR EXISTS (SELECT FROM room_events e WHERE e.room_id = p_room AND e.seq = p_seq)));
  END IF;
  IF v_rewritten IS NOT TRUE THEN RETURN; END IF;
  number := p_number + 1;
  name := p_next;
  INSERT INTO history_epoch AS h (number, name) VALUES (p_number + 1, p_next)
    ON CONFLICT (one) DO UPDATE SET number = excluded.number, name = excluded.name;
END $$;
--> statement-breakpoint

-- Makes a room with its owner (if p_creator is not null) as its first change and its invitations after it. A unique violation
-- means that the name is taken.
CREATE OR REPLACE FUNCTION parley_create_room(
  p_name text, p_kind text, p_creator bigint, p_description text, p_avatar text, p_invited bigint[], OUT room bigint
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
END $$;
--> statement-breakpoint

-- Changes a room's description and avatar (null: unchanged) and returns both as they are afterwards.
CREATE OR REPLACE FUNCTION parley_describe(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_actor, p_actor, 'described', NULL, at);
  UPDATE rooms SET last_seq = parley_describe.seq, updated_at = at,
      description = coalesce(p_description, description), avatar = coalesce(p_avatar, avatar)
    WHERE id = p_room RETURNING description, avatar INTO described, pictured;
END $$;
--> statement-breakpoint

-- Invites those of p_users who are neither members nor invited, in the order given, each at its own number. Returns whom and
-- at which numbers. A room in which nobody was newly invited does not change.
CREATE OR REPLACE FUNCTION parley_invite(
  p_room bigint, p_actor bigint, p_actor_role text, p_users bigint[],
  OUT invited bigint[], OUT seqs bigint[], OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
  v_user bigint;
BEGIN
  v_last := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  invited := '{}'; seqs := '{}';
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
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
  END IF;
END $$;
--> statement-breakpoint

-- Removes up to p_limit rows of one deleted room, and at last the room itself. Returns how many rows it removed.
CREATE OR REPLACE FUNCTION parley_purge(p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  v_room bigint;
  v_part int;
BEGIN
  gone := 0;
  SELECT id INTO v_room FROM rooms WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM messages WHERE room_id = v_room AND seq IN
    (SELECT seq FROM messages WHERE room_id = v_room ORDER BY seq LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone < p_limit THEN
    DELETE FROM room_events WHERE room_id = v_room AND seq IN
      (SELECT seq FROM room_events WHERE room_id = v_room ORDER BY seq LIMIT p_limit - gone);
    GET DIAGNOSTICS v_part = ROW_COUNT;
    IF v_part < p_limit - gone THEN
      DELETE FROM message_blocks WHERE room_id = v_room;
      DELETE FROM rooms WHERE id = v_room;
      v_part := v_part + 1;
    END IF;
    gone := gone + v_part;
  END IF;
END $$;
--> statement-breakpoint

-- Sets one user's role to p_new_role, or ends the membership when it is null. Covers joining, leaving, removal and a change
-- of role. If the owner leaves, or hands ownership over, another member's role changes at the next number: other, other_role
-- and other_name. The heir of an owner who leaves is the admin, else the member, who joined first in the room's order.
-- Raises PA001 when a role or an invitation is not as given, and PA002 as parley_lock.
--
-- Members' rows have a lock order of their own, by room and then user, because marks move under no room's lock.
CREATE OR REPLACE FUNCTION parley_set_member(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean,
  p_user bigint, p_user_role text, p_user_invited boolean, p_new_role text, p_change text,
  OUT seq bigint, OUT at timestamptz, OUT other bigint, OUT other_role text, OUT other_name text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
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
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, p_change, p_new_role, at);
  UPDATE rooms SET last_seq = parley_set_member.seq + (other IS NOT NULL)::int, updated_at = at,
    member_count = member_count + (p_new_role IS NOT NULL)::int - (p_user_role IS NOT NULL)::int
    WHERE id = p_room;
END $$;
--> statement-breakpoint

-- Ends the invitation that p_invited_by made. Raises PA001 when there is no such invitation.
CREATE OR REPLACE FUNCTION parley_uninvite(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean, p_user bigint, p_invited_by bigint,
  OUT seq bigint, OUT at timestamptz
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
END $$;
