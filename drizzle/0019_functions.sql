-- oldest build: 17
DROP FUNCTION parley_create_room;
--> statement-breakpoint

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
--> statement-breakpoint

DROP FUNCTION parley_delete_room;
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
  UPDATE rooms SET deleted_at = clock_timestamp() WHERE id = p_room;
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

-- Removes up to p_limit changes of memberships that ended more than p_days ago, and returns how many. membership_heads.forgotten_seq
-- then says up to which number a user's list is no longer whole. Locks counters in the order of users, as parley_note_memberships.
CREATE OR REPLACE FUNCTION parley_forget_memberships(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_before timestamptz := now() - p_days * interval '1 day';
  v_users bigint[];
  v_rooms bigint[];
  v_user bigint;
BEGIN
  SELECT coalesce(array_agg(d.user_id), '{}'), coalesce(array_agg(d.room_id), '{}') INTO v_users, v_rooms FROM (
    SELECT user_id, room_id FROM membership_changes
      WHERE role IS NULL AND type <> 'invited' AND created_at < v_before ORDER BY created_at LIMIT p_limit
  ) d;
  FOR v_user IN SELECT DISTINCT w.usr FROM unnest(v_users) AS w(usr) ORDER BY w.usr LOOP
    PERFORM FROM membership_heads WHERE user_id = v_user FOR UPDATE;
  END LOOP;
  gone := 0;
  FOR i IN 1 .. cardinality(v_users) LOOP
    -- The user may have come back meanwhile.
    WITH forgotten AS (
      DELETE FROM membership_changes
        WHERE user_id = v_users[i] AND room_id = v_rooms[i] AND role IS NULL AND type <> 'invited' AND created_at < v_before
        RETURNING user_id, seq
    )
    UPDATE membership_heads h SET forgotten_seq = greatest(h.forgotten_seq, f.seq) FROM forgotten f WHERE h.user_id = f.user_id;
    IF FOUND THEN gone := gone + 1; END IF;
  END LOOP;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_invite;
--> statement-breakpoint

-- Invites the users in p_users who are neither members nor invited, in the order given, each at its own number. Returns the invited
-- users, the room's numbers, and the users' own (parley_note_memberships). If nobody was newly invited, nothing changes.
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
--> statement-breakpoint

-- Notes a change of each user's membership of a room, at the user's next number. Returns the numbers in the order of p_users, in
-- which each user comes once; p_types and p_roles are in the same order. Only the latest change of each user in each room is kept.
--
-- Call it last, under the room's lock. It locks the users' counters, in the order of their ids, until the transaction ends. So two
-- transactions about one user commit in the order of its numbers, a reader who sees a number sees all lower ones, and no two
-- transactions wait for each other.
CREATE OR REPLACE FUNCTION parley_note_memberships(
  p_room bigint, p_users bigint[], p_types text[], p_roles text[], p_actor bigint, p_at timestamptz, OUT numbers bigint[]
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  INSERT INTO membership_heads AS h (user_id, seq)
    SELECT w.usr, 1 FROM unnest(p_users) AS w(usr) ORDER BY w.usr
    ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + 1;
  INSERT INTO membership_changes AS c (user_id, room_id, seq, type, role, actor_id, created_at)
    SELECT w.usr, p_room, h.seq, w.type, w.role, p_actor, p_at
      FROM unnest(p_users, p_types, p_roles) AS w(usr, type, role)
      CROSS JOIN LATERAL (SELECT seq FROM membership_heads WHERE user_id = w.usr LIMIT 1) h
    ON CONFLICT (user_id, room_id) DO UPDATE SET
      seq = excluded.seq, type = excluded.type, role = excluded.role, actor_id = excluded.actor_id,
      created_at = excluded.created_at;
  SELECT array_agg(h.seq ORDER BY w.place) INTO numbers
    FROM unnest(p_users) WITH ORDINALITY AS w(usr, place)
    CROSS JOIN LATERAL (SELECT seq FROM membership_heads WHERE user_id = w.usr LIMIT 1) h;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_open_direct;
--> statement-breakpoint

-- Returns the direct chat of two users, and creates it if there is none. Of several simultaneous calls one creates it. room is null
-- when another transaction created it after this statement began; the caller then reads it in a new statement. numbers are the
-- opener's and the other user's own (parley_note_memberships), null if the chat was there.
CREATE OR REPLACE FUNCTION parley_open_direct(
  p_opener bigint, p_other bigint, OUT room bigint, OUT made boolean, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rooms (kind, creator_id, direct_low, direct_high, member_count)
    VALUES ('direct', p_opener, least(p_opener, p_other), greatest(p_opener, p_other), 2)
    ON CONFLICT (direct_low, direct_high) WHERE direct_low IS NOT NULL DO NOTHING RETURNING id INTO room;
  made := FOUND;
  IF made THEN
    INSERT INTO members (room_id, user_id, role) VALUES (room, p_opener, 'member'), (room, p_other, 'member');
    numbers := parley_note_memberships(
      room, ARRAY[p_opener, p_other], ARRAY['joined', 'joined'], ARRAY['member', 'member'], p_opener,
      date_trunc('milliseconds', clock_timestamp()));
  ELSE
    SELECT id INTO room FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL;
  END IF;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_set_member;
--> statement-breakpoint

-- Sets one user's role to p_new_role, or ends the membership when it is null. Covers joining, leaving, removal and a change
-- of role. If the owner leaves, or hands ownership over, another member's role changes at the next number: other, other_role
-- and other_name. When an owner leaves, the admin who joined first becomes the owner, or the member who joined first if there is no
-- admin. user_number and other_number are the users' own (parley_note_memberships). Raises PA001 when a role or an invitation is not
-- as given, and PA002 as parley_lock does.
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
  IF other IS NULL THEN
    v_numbers := parley_note_memberships(p_room, ARRAY[p_user], ARRAY[p_change], ARRAY[p_new_role], p_actor, at);
  ELSE
    v_numbers := parley_note_memberships(
      p_room, ARRAY[p_user, other], ARRAY[p_change, 'role'], ARRAY[p_new_role, other_role], p_actor, at);
  END IF;
  user_number := v_numbers[1];
  other_number := v_numbers[2];
END $$;
--> statement-breakpoint

DROP FUNCTION parley_uninvite;
--> statement-breakpoint

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
