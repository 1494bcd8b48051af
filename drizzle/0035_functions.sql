-- oldest build: 17
--
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
  PERFORM parley_end_private(p_room, users, date_trunc('milliseconds', clock_timestamp()));
END $$;
--> statement-breakpoint

-- Removes what users keep about a room in which they are no longer members, each entry at its user's next number. What they have saved
-- stays, since it is shown to those alone who may read it. Call it last, with the users in the order of their ids.
CREATE OR REPLACE FUNCTION parley_end_private(p_room bigint, p_users bigint[], p_at timestamptz) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_users bigint[];
  v_user bigint;
  v_entry record;
BEGIN
  SELECT coalesce(array_agg(w.usr ORDER BY w.usr), '{}') INTO v_users FROM unnest(p_users) AS w(usr)
    WHERE EXISTS (SELECT FROM private_entries e WHERE e.user_id = w.usr AND e.room_id = p_room AND e.value IS NOT NULL);
  FOREACH v_user IN ARRAY v_users LOOP
    PERFORM parley_lock_private(v_user);
    FOR v_entry IN SELECT type, item FROM private_entries
      WHERE user_id = v_user AND room_id = p_room AND type <> 'saved' AND value IS NOT NULL ORDER BY type, item
    LOOP
      PERFORM parley_set_private(v_user, p_room, v_entry.type, v_entry.item, NULL, p_at);
    END LOOP;
  END LOOP;
END $$;
--> statement-breakpoint

-- Forgets up to p_limit private entries that were removed more than p_days ago, and returns how many. private_heads.forgotten_seq then
-- says up to which number a user's list is no longer whole. Locks counters in the order of users, as parley_lock_private asks for.
CREATE OR REPLACE FUNCTION parley_forget_private(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_before timestamptz := now() - p_days * interval '1 day';
  v_users bigint[];
  v_seqs bigint[];
  v_user bigint;
BEGIN
  SELECT coalesce(array_agg(d.user_id), '{}'), coalesce(array_agg(d.seq), '{}') INTO v_users, v_seqs FROM (
    SELECT user_id, seq FROM private_entries WHERE value IS NULL AND created_at < v_before ORDER BY created_at LIMIT p_limit
  ) d;
  FOR v_user IN SELECT DISTINCT w.usr FROM unnest(v_users) AS w(usr) ORDER BY w.usr LOOP
    PERFORM parley_lock_private(v_user);
  END LOOP;
  gone := 0;
  FOR i IN 1 .. cardinality(v_users) LOOP
    -- An entry that was set meanwhile has another number.
    DELETE FROM private_entries WHERE user_id = v_users[i] AND seq = v_seqs[i];
    IF FOUND THEN
      gone := gone + 1;
      UPDATE private_heads SET forgotten_seq = greatest(forgotten_seq, v_seqs[i]) WHERE user_id = v_users[i];
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint

-- Locks the counter of a user's private changes until the transaction ends, and returns the latest number; 0 if there is none yet.
--
-- Whatever a function decides by the user's private entries it reads after this lock. Call it after all other locks, and for several
-- users in the order of their ids: then a reader who sees a number sees all lower ones, and no two transactions wait for each other.
CREATE OR REPLACE FUNCTION parley_lock_private(p_user bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_seq bigint;
BEGIN
  SELECT seq INTO v_seq FROM private_heads WHERE user_id = p_user FOR UPDATE;
  IF FOUND THEN RETURN v_seq; END IF;
  INSERT INTO private_heads (user_id) VALUES (p_user) ON CONFLICT DO NOTHING;
  SELECT seq INTO v_seq FROM private_heads WHERE user_id = p_user FOR UPDATE;
  RETURN v_seq;
END $$;
--> statement-breakpoint

-- Removes up to p_limit rows of one deleted room, and finally the room itself. Returns how many rows it removed.
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
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_events WHERE room_id = v_room AND seq IN
    (SELECT seq FROM room_events WHERE room_id = v_room ORDER BY seq LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM reactions WHERE (room_id, seq, user_id, reaction) IN (
    SELECT r.room_id, r.seq, r.user_id, r.reaction FROM reactions r WHERE r.room_id = v_room ORDER BY r.seq LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM reaction_summaries WHERE room_id = v_room AND seq IN
    (SELECT s.seq FROM reaction_summaries s WHERE s.room_id = v_room ORDER BY s.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_revisions WHERE (room_id, seq, version) IN (
    SELECT m.room_id, m.seq, m.version FROM message_revisions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM private_entries WHERE (user_id, type, item) IN
    (SELECT e.user_id, e.type, e.item FROM private_entries e WHERE e.room_id = v_room LIMIT p_limit - parley_purge.gone)
    AND room_id = v_room;
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- Sets a member's draft in a room, or removes it if p_value is null. written is null for non-members. version is the number of the
-- draft as it is afterwards (0 if there never was one), value its content (null if there is none) and at when it was edited.
--
-- p_base is the version that the device has edited, null if it has seen none. An edit of the present version is written. An edit of
-- another one, made at the same time as another device's, is written unless the other is later, in whichever order they
-- arrive. p_ago says how many milliseconds ago it was made, at most 30 days, so that the clocks of the devices do not matter.
--
-- The member's row is locked against removal, so that no draft remains of a membership that ends meanwhile.
CREATE OR REPLACE FUNCTION parley_set_draft(
  p_room bigint, p_user bigint, p_value text, p_base bigint, p_ago bigint,
  OUT written boolean, OUT version bigint, OUT value text, OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_edited timestamptz := v_now - least(p_ago, 2592000000) * interval '1 millisecond';
  v_value jsonb := p_value;
  v_held jsonb;
BEGIN
  PERFORM FROM members WHERE room_id = p_room AND user_id = p_user FOR KEY SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM parley_lock_private(p_user);
  SELECT e.seq, e.value, e.created_at INTO version, v_held, at FROM private_entries e
    WHERE e.user_id = p_user AND e.room_id = p_room AND e.type = 'draft' AND e.item = 0;
  version := coalesce(version, 0);
  -- Setting what is there already, or removing what is not, changes nothing.
  written := v_held IS NOT DISTINCT FROM v_value;
  IF NOT written THEN
    written := p_base = version OR at IS NULL OR v_edited >= at;
    IF written THEN
      version := parley_set_private(p_user, p_room, 'draft', 0, v_value, v_edited);
      at := v_edited;
      v_held := v_value;
    END IF;
  END IF;
  value := v_held::text;
END $$;
--> statement-breakpoint

-- Sets one user's role to p_new_role, or ends the membership when it is null. Covers joining, leaving, removal and a change
-- of role. If the owner leaves, or hands ownership over, another member's role changes at the next number: other, other_role
-- and other_name. When an owner leaves, the admin who joined first becomes the owner, or the member who joined first if there is no
-- admin. user_number and other_number are the users' own (parley_note_memberships). Raises PA001 when a role or an invitation is not
-- as given, PA002 as parley_lock does, and PA004 when someone who was removed joins without an invitation.
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
  IF p_change = 'removed' THEN
    INSERT INTO removals (room_id, user_id, removed_by, created_at) VALUES (p_room, p_user, p_actor, at)
      ON CONFLICT DO NOTHING;
  ELSIF p_user_role IS NULL THEN
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
  IF p_new_role IS NULL THEN PERFORM parley_end_private(p_room, ARRAY[p_user], at); END IF;
  user_number := v_numbers[1];
  other_number := v_numbers[2];
END $$;
--> statement-breakpoint

-- Sets one of a user's private entries at the user's next number, which it returns, or removes it if p_value is null. p_item is the
-- number of the message that the entry is about, 0 if it is about the room. Only the latest state of each entry is kept. Locks as
-- parley_lock_private does.
CREATE OR REPLACE FUNCTION parley_set_private(
  p_user bigint, p_room bigint, p_type text, p_item bigint, p_value jsonb, p_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_seq bigint := parley_lock_private(p_user) + 1;
BEGIN
  UPDATE private_heads SET seq = v_seq WHERE user_id = p_user;
  INSERT INTO private_entries AS e (user_id, room_id, type, item, seq, value, created_at)
    VALUES (p_user, p_room, p_type, p_item, v_seq, p_value, p_at)
    ON CONFLICT (user_id, room_id, type, item) DO UPDATE SET
      seq = excluded.seq, value = excluded.value, created_at = excluded.created_at;
  RETURN v_seq;
END $$;
