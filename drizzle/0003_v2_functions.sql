-- What v2 adds under a room's lock: ownership that passes on, invitations that end, rooms described anew; and members' marks.
--
-- Marks are moved under no room's lock. So rows of members have an order of locking of their own, room by room and in it by user:
-- whoever changes more than one row of members locks them in this order before.

DROP FUNCTION parley_set_member(bigint, bigint, text, boolean, bigint, text, boolean, text, text);
--> statement-breakpoint

-- One user's membership becomes p_new_role (null: no member). Covers joining, leaving, removal and a change of role.
-- Where it was or becomes the owner's, another's role changes with it, at the next number: `other` is who.
CREATE FUNCTION parley_set_member(
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
    SELECT m.user_id, 'owner' INTO other, other_role
      FROM members m JOIN users u ON u.id = m.user_id AND u.kind <> 'guest'
      WHERE m.room_id = p_room AND m.user_id <> p_user
      ORDER BY m.role <> 'admin', m.joined_at, m.user_id LIMIT 1;
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
    INSERT INTO members (room_id, user_id, role, invited, read_seq, delivered_seq)
      VALUES (p_room, p_user, p_new_role, p_user_invited, seq, seq);
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

-- Ends the invitation that p_invited_by made; PA001 where there is none such.
CREATE FUNCTION parley_uninvite(
  p_room bigint, p_actor bigint, p_actor_role text, p_actor_invited boolean, p_user bigint, p_invited_by bigint,
  OUT seq bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user AND invited_by = p_invited_by;
  IF NOT FOUND THEN RAISE EXCEPTION 'the facts have changed' USING ERRCODE = 'PA001'; END IF;
  INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
    VALUES (p_room, seq, p_user, p_actor, 'uninvited', NULL, at);
  UPDATE rooms SET last_seq = parley_uninvite.seq, updated_at = at WHERE id = p_room;
END $$;
--> statement-breakpoint

-- Changes what is not null, and returns both as they are afterwards.
CREATE FUNCTION parley_describe(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  INSERT INTO member_events (room_id, seq, user_id, actor_id, change, role, created_at)
    VALUES (p_room, seq, p_actor, p_actor, 'described', NULL, at);
  UPDATE rooms SET last_seq = parley_describe.seq, updated_at = at,
      description = coalesce(p_description, description), avatar = coalesce(p_avatar, avatar)
    WHERE id = p_room RETURNING description, avatar INTO described, pictured;
END $$;
--> statement-breakpoint

CREATE OR REPLACE FUNCTION parley_delete_room(p_room bigint, p_actor bigint, p_actor_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_lock(p_room);
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET deleted_at = clock_timestamp() WHERE id = p_room;
  PERFORM FROM members WHERE room_id = p_room ORDER BY user_id FOR UPDATE;
  DELETE FROM members WHERE room_id = p_room;
  DELETE FROM invitations WHERE room_id = p_room;
END $$;
--> statement-breakpoint

-- Moves members' marks forward, not past their rooms' last numbers, and says where they stand; `place` is the index (from 1) in the
-- arrays, and who is no member is missing. A room and user come once. Written only where something moves.
-- Unread are the others' messages among the latest ones, counted no further than both limits.
CREATE FUNCTION parley_move_marks(
  p_rooms bigint[], p_users bigint[], p_read bigint[], p_delivered bigint[], p_window int, p_most int
) RETURNS TABLE (place bigint, read_to bigint, delivered_to bigint, head bigint, unread bigint, people int, moved boolean)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH wanted AS (
    SELECT w.ord, w.room, w.usr, w.red, w.got, r.last_seq, r.member_count
    FROM unnest(p_rooms, p_users, p_read, p_delivered) WITH ORDINALITY AS w(room, usr, red, got, ord)
    JOIN rooms r ON r.id = w.room AND r.deleted_at IS NULL
  ), held AS MATERIALIZED (
    SELECT w.*, m.read_seq, m.delivered_seq
    FROM wanted w JOIN members m ON m.room_id = w.room AND m.user_id = w.usr
    ORDER BY m.room_id, m.user_id FOR NO KEY UPDATE OF m
  ), target AS (
    SELECT h.*, t.red AS new_read, greatest(h.delivered_seq, least(h.got, h.last_seq), t.red) AS new_delivered
    FROM held h CROSS JOIN LATERAL (SELECT greatest(h.read_seq, least(h.red, h.last_seq)) AS red) t
  ), written AS (
    UPDATE members m SET read_seq = t.new_read, delivered_seq = t.new_delivered FROM target t
    WHERE m.room_id = t.room AND m.user_id = t.usr AND (t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq)
  )
  SELECT t.ord, t.new_read, t.new_delivered, t.last_seq, counted.n, t.member_count,
    t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq
  FROM target t CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
      SELECT FROM (
        SELECT x.sender_id, x.deleted_at FROM messages x
        WHERE x.room_id = t.room AND x.seq > t.new_read ORDER BY x.seq DESC LIMIT p_window
      ) latest WHERE latest.sender_id <> t.usr AND latest.deleted_at IS NULL LIMIT p_most
    ) found
  ) counted;
END $$;
