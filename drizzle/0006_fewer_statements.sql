-- The batch, with one statement for all of its rooms: with 120 of them Postgres has 28 % less to do than with a statement for each.
-- For a few rooms that statement costs more than theirs.
--
-- Rows of rooms are still locked in the order of their ids, since the statement has only two ways to go: from the array, which
-- ascends, to each row by its primary key; or along the whole primary key, the only index of rooms that is not partial (deleted_at
-- is looked at afterwards, so that no partial one serves).
CREATE OR REPLACE FUNCTION parley_append(
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
  IF cardinality(p_rooms) <= 4 THEN
    FOR i IN 1 .. cardinality(p_rooms) LOOP
      UPDATE rooms SET last_seq = last_seq + p_counts[i], message_count = message_count + p_counts[i]
        WHERE id = p_rooms[i] AND deleted_at IS NULL
        RETURNING last_seq - p_counts[i] INTO v_base;
      IF NOT FOUND THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
      bases[i] := v_base;
    END LOOP;
  ELSE
    WITH moved AS (
      UPDATE rooms r SET last_seq = r.last_seq + w.count, message_count = r.message_count + w.count
        FROM unnest(p_rooms, p_counts) WITH ORDINALITY AS w(room, count, place) WHERE r.id = w.room
        RETURNING w.place, r.last_seq - w.count AS base, r.deleted_at
    )
    SELECT array_agg(m.base ORDER BY m.place) FILTER (WHERE m.deleted_at IS NULL) INTO bases FROM moved m;
  END IF;
  IF cardinality(bases) IS DISTINCT FROM cardinality(p_rooms) THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
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

-- As before; a member has joined when the room was told so, and of the heirs it is the one who came first in the room's order.
CREATE OR REPLACE FUNCTION parley_set_member(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean,
  p_user bigint, p_user_role text, p_user_invited boolean, p_new_role text, p_change text,
  OUT seq bigint, OUT at timestamptz, OUT other bigint, OUT other_role text
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
      ORDER BY (SELECT max(e.seq) FROM member_events e
        WHERE e.room_id = p_room AND e.user_id = h.user_id AND e.change = 'joined'), h.user_id LIMIT 1;
  ELSIF p_actor_role = 'owner' AND p_new_role = 'owner' AND p_actor <> p_user THEN
    other := p_actor;
    other_role := 'admin';
  END IF;
  IF other IS NOT NULL THEN
    PERFORM FROM members WHERE room_id = p_room AND user_id IN (p_user, other) ORDER BY user_id FOR UPDATE;
    UPDATE members SET role = other_role WHERE room_id = p_room AND user_id = other;
    INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
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
  INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, p_change, p_new_role, at);
  UPDATE rooms SET last_seq = parley_set_member.seq + (other IS NOT NULL)::int, updated_at = at,
    member_count = member_count + (p_new_role IS NOT NULL)::int - (p_user_role IS NOT NULL)::int
    WHERE id = p_room;
END $$;
--> statement-breakpoint

-- As before; a room in which nobody was newly invited has not changed.
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
        INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
          VALUES (p_room, v_last, v_user, p_actor, 'invited', NULL, at);
      END IF;
    END IF;
  END LOOP;
  IF cardinality(invited) > 0 THEN
    UPDATE rooms SET last_seq = v_last, updated_at = at WHERE id = p_room;
  END IF;
END $$;
--> statement-breakpoint

-- As before; the owner has joined when the room was told so.
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
