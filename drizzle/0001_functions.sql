-- What writes under a room's lock. Each function is one statement to its caller, so it is whole or not at all, through any pooler.
--
-- Rooms are locked in the order of their ids, by whoever locks more than one: no two writers can wait for each other.
-- Within a function each statement sees what was committed before it began, so what is read after the lock is the truth under it.
--
-- Errors of our own: PA001 the facts that the caller decided on have changed, decide again; PA002 the room is gone;
-- PA003 the batch needs the careful path.

-- Rows of rooms are updated once a batch: space in the page keeps those updates off the indexes.
ALTER TABLE rooms SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE members SET (fillfactor = 80);
--> statement-breakpoint
CREATE SEQUENCE message_ids;
--> statement-breakpoint

-- The batch, where nothing is out of the ordinary: rooms exist, senders are members, no key was used before.
-- Anything else raises (PA003, or a unique violation) and leaves nothing behind.
-- p_rooms ascends; drafts are grouped by room in that order: p_place holds each draft's index in p_rooms (from 1),
-- p_offset its place within the room (from 1). p_pair_rooms and p_pair_users hold each room and sender once.
CREATE FUNCTION parley_append(
  p_rooms bigint[], p_counts int[], p_pair_rooms bigint[], p_pair_users bigint[],
  p_place int[], p_offset int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT bases bigint[], OUT ids bigint[], OUT at timestamptz
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_base bigint;
  v_found int;
BEGIN
  FOR i IN 1 .. cardinality(p_rooms) LOOP
    UPDATE rooms SET last_seq = last_seq + p_counts[i] WHERE id = p_rooms[i] AND deleted_at IS NULL
      RETURNING last_seq - p_counts[i] INTO v_base;
    IF NOT FOUND THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
    bases[i] := v_base;
  END LOOP;
  SELECT count(*) INTO v_found
    FROM unnest(p_pair_rooms, p_pair_users) AS p(room, usr)
    JOIN members m ON m.room_id = p.room AND m.user_id = p.usr;
  IF v_found <> cardinality(p_pair_rooms) THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  at := date_trunc('milliseconds', clock_timestamp());
  SELECT array_agg(nextval('message_ids')) INTO ids FROM generate_series(1, cardinality(p_place));
  INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, created_at)
    SELECT p_rooms[d.place], bases[d.place] + d.off, ids[d.ord], d.sender, d.client, d.kind, d.body, d.reply, at
    FROM unnest(p_place, p_offset, p_senders, p_clients, p_kinds, p_bodies, p_replies)
      WITH ORDINALITY AS d(place, off, sender, client, kind, body, reply, ord);
END $$;
--> statement-breakpoint

-- The same batch, draft by draft: codes say 0 written, 1 a retry (the first result is returned), 2 not a member,
-- 3 no such room, 4 the key belongs to a message in another room.
CREATE FUNCTION parley_append_carefully(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[]
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  n int := cardinality(p_place);
  v_room bigint;
  v_last bigint;
  v_first bigint;
  v_at timestamptz;
  r record;
BEGIN
  codes := array_fill(0, ARRAY[n]); seqs := array_fill(0::bigint, ARRAY[n]);
  ids := array_fill(0::bigint, ARRAY[n]); ats := array_fill(''::text, ARRAY[n]);
  FOR i IN 1 .. n LOOP
    IF v_room IS DISTINCT FROM p_rooms[p_place[i]] THEN
      IF v_last > v_first THEN UPDATE rooms SET last_seq = v_last WHERE id = v_room; END IF;
      v_room := p_rooms[p_place[i]];
      SELECT last_seq INTO v_last FROM rooms WHERE id = v_room AND deleted_at IS NULL FOR UPDATE;
      v_first := v_last;
      v_at := date_trunc('milliseconds', clock_timestamp());
    END IF;
    SELECT m.room_id, m.seq, m.id, m.created_at INTO r FROM messages m
      WHERE m.sender_id = p_senders[i] AND m.client_id = p_clients[i];
    IF FOUND THEN
      IF r.room_id = v_room THEN
        codes[i] := 1; seqs[i] := r.seq; ids[i] := r.id; ats[i] := extract(epoch FROM r.created_at)::text;
      ELSE
        codes[i] := 4;
      END IF;
    ELSIF v_last IS NULL THEN
      codes[i] := 3;
    ELSIF NOT EXISTS (SELECT FROM members m WHERE m.room_id = v_room AND m.user_id = p_senders[i]) THEN
      codes[i] := 2;
    ELSE
      v_last := v_last + 1;
      seqs[i] := v_last; ids[i] := nextval('message_ids'); ats[i] := extract(epoch FROM v_at)::text;
      INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, created_at)
        VALUES (v_room, v_last, ids[i], p_senders[i], p_clients[i], p_kinds[i], p_bodies[i], p_replies[i], v_at);
    END IF;
  END LOOP;
  IF v_last > v_first THEN UPDATE rooms SET last_seq = v_last WHERE id = v_room; END IF;
END $$;
--> statement-breakpoint

-- Locks a living room and returns its last number; PA002 where there is none.
CREATE FUNCTION parley_lock(p_room bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_last bigint;
BEGIN
  SELECT last_seq INTO v_last FROM rooms WHERE id = p_room AND deleted_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'the room is gone' USING ERRCODE = 'PA002'; END IF;
  RETURN v_last;
END $$;
--> statement-breakpoint

-- Raises PA001 unless the user stands in the room as the caller believed. Call it under the room's lock.
CREATE FUNCTION parley_expect(p_room bigint, p_user bigint, p_role text, p_invited boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT role FROM members WHERE room_id = p_room AND user_id = p_user) IS DISTINCT FROM p_role
    OR p_role IS NULL AND EXISTS (SELECT FROM invitations WHERE room_id = p_room AND user_id = p_user) <> p_invited
  THEN RAISE EXCEPTION 'the facts have changed' USING ERRCODE = 'PA001'; END IF;
END $$;
--> statement-breakpoint

-- One user's membership becomes p_new_role (null: no member). Covers joining, leaving, removal and a change of role.
CREATE FUNCTION parley_set_member(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean,
  p_user bigint, p_user_role text, p_user_invited boolean, p_new_role text, p_change text,
  OUT seq bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
  IF p_new_role IS NULL THEN
    DELETE FROM members WHERE room_id = p_room AND user_id = p_user;
  ELSIF p_user_role IS NULL THEN
    -- What was said before they came counts as read.
    INSERT INTO members (room_id, user_id, role, invited, read_seq, delivered_seq)
      VALUES (p_room, p_user, p_new_role, p_user_invited, seq, seq);
  ELSE
    UPDATE members SET role = p_new_role WHERE room_id = p_room AND user_id = p_user;
  END IF;
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
  INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, p_change, p_new_role, at);
  UPDATE rooms SET last_seq = parley_set_member.seq, updated_at = at,
    member_count = member_count + (p_new_role IS NOT NULL)::int - (p_user_role IS NOT NULL)::int
    WHERE id = p_room;
END $$;
--> statement-breakpoint

-- Invites those of p_users who are neither members nor invited yet, in the order given; returns whom and at which numbers.
CREATE FUNCTION parley_invite(
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
        INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
          VALUES (p_room, v_last, v_user, p_actor, 'invited', NULL, at);
      END IF;
    END IF;
  END LOOP;
  UPDATE rooms SET last_seq = v_last, updated_at = at WHERE id = p_room;
END $$;
--> statement-breakpoint

-- Edits a message, or deletes it (p_body null). Returns no number where the message is not there or is deleted already.
CREATE FUNCTION parley_revise(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
  v_at timestamptz;
BEGIN
  v_next := parley_lock(p_room) + 1;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  v_at := date_trunc('milliseconds', clock_timestamp());
  UPDATE messages SET version_seq = v_next, body = coalesce(p_body, ''),
      edited_at = CASE WHEN p_body IS NULL THEN edited_at ELSE v_at END,
      deleted_at = CASE WHEN p_body IS NULL THEN v_at END
    WHERE room_id = p_room AND seq = p_seq AND deleted_at IS NULL
    RETURNING edited_at, deleted_at INTO edited, deleted;
  IF FOUND THEN
    version := v_next;
    UPDATE rooms SET last_seq = v_next WHERE id = p_room;
  END IF;
END $$;
--> statement-breakpoint

-- A room with its owner (if any) as its first change, and its first invitations after it. A unique violation: the name is taken.
CREATE FUNCTION parley_create_room(
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
    INSERT INTO members (room_id, user_id, role, read_seq, delivered_seq) VALUES (room, p_creator, 'owner', 1, 1);
    INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
      VALUES (room, 1, p_creator, p_creator, 'joined', 'owner', v_at);
    FOREACH v_user IN ARRAY p_invited LOOP
      v_last := v_last + 1;
      INSERT INTO invitations (room_id, user_id, invited_by) VALUES (room, v_user, p_creator);
      INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
        VALUES (room, v_last, v_user, p_creator, 'invited', NULL, v_at);
    END LOOP;
  END IF;
  UPDATE rooms SET last_seq = v_last, member_count = (p_creator IS NOT NULL)::int WHERE id = room;
END $$;
--> statement-breakpoint

-- The direct chat of two users, made if need be; simultaneous calls return the same one, and one of them made it.
CREATE FUNCTION parley_open_direct(p_opener bigint, p_other bigint, OUT room bigint, OUT made boolean) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rooms (kind, creator_id, direct_low, direct_high, member_count)
    VALUES ('direct', p_opener, least(p_opener, p_other), greatest(p_opener, p_other), 2)
    ON CONFLICT (direct_low, direct_high) WHERE direct_low IS NOT NULL DO NOTHING RETURNING id INTO room;
  made := FOUND;
  IF made THEN
    INSERT INTO members (room_id, user_id, role) VALUES (room, p_opener, 'member'), (room, p_other, 'member');
  ELSE
    SELECT id INTO room FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL;
  END IF;
END $$;
--> statement-breakpoint

-- The room is gone for everyone when this commits. Messages stay until they are purged, a piece at a time.
CREATE FUNCTION parley_delete_room(p_room bigint, p_actor bigint, p_actor_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_lock(p_room);
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET deleted_at = clock_timestamp() WHERE id = p_room;
  DELETE FROM members WHERE room_id = p_room;
  DELETE FROM invitations WHERE room_id = p_room;
END $$;
--> statement-breakpoint

-- Purges up to p_limit rows of a deleted room, at last the room itself. Returns how many rows went.
CREATE FUNCTION parley_purge(p_limit int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_room bigint;
  v_gone int := 0;
  v_part int;
BEGIN
  SELECT id INTO v_room FROM rooms WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  DELETE FROM messages WHERE room_id = v_room AND seq IN
    (SELECT seq FROM messages WHERE room_id = v_room ORDER BY seq LIMIT p_limit);
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  IF v_gone < p_limit THEN
    DELETE FROM member_events WHERE room_id = v_room AND seq IN
      (SELECT seq FROM member_events WHERE room_id = v_room ORDER BY seq LIMIT p_limit - v_gone);
    GET DIAGNOSTICS v_part = ROW_COUNT;
    IF v_part < p_limit - v_gone THEN
      DELETE FROM rooms WHERE id = v_room;
      v_part := v_part + 1;
    END IF;
    v_gone := v_gone + v_part;
  END IF;
  RETURN v_gone;
END $$;
