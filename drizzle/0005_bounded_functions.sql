-- What keeps answers as quick in a room of a million messages as in a new one, whatever the planner believes of it.

-- One pass over all messages, under the lock that the new column took: nobody writes meanwhile.
UPDATE rooms SET message_count = c.n
  FROM (SELECT room_id, count(*) AS n FROM messages WHERE deleted_at IS NULL GROUP BY room_id) c WHERE c.room_id = rooms.id;
--> statement-breakpoint

-- How much the member p_user, who has read up to p_read, has to read in a room whose last number is p_head: the others'
-- messages among the last p_window numbers, counted no further than p_most. Null for a member who is none.
-- A function, since as a part of a statement it looks so dear to the planner that it would compile the whole statement first.
CREATE FUNCTION parley_unread(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM messages
      WHERE room_id = p_room AND seq > p_read AND seq > p_head - p_window AND sender_id <> p_user AND deleted_at IS NULL
      LIMIT p_most
    ) found
  );
END $$;
--> statement-breakpoint

-- As before; unread are those that parley_unread counts, and each room and member is looked up by its key: the lateral
-- subqueries' limits leave the planner no other way, and have the members locked in the order of `wanted`. Only those are
-- locked whose marks move: a lock is a write.
CREATE OR REPLACE FUNCTION parley_move_marks(
  p_rooms bigint[], p_users bigint[], p_read bigint[], p_delivered bigint[], p_window int, p_most int
) RETURNS TABLE (place bigint, read_to bigint, delivered_to bigint, head bigint, unread bigint, people int, moved boolean)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, r.last_seq, r.member_count, m.read_seq, m.delivered_seq,
      least(w.red, r.last_seq) > m.read_seq OR least(greatest(w.red, w.got), r.last_seq) > m.delivered_seq AS moves
    FROM unnest(p_rooms, p_users, p_read, p_delivered) WITH ORDINALITY AS w(room, usr, red, got, ord)
    CROSS JOIN LATERAL (
      SELECT last_seq, member_count FROM rooms WHERE id = w.room AND deleted_at IS NULL LIMIT 1
    ) r
    CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1
    ) m
    ORDER BY w.room, w.usr
  ), held AS MATERIALIZED (
    SELECT w.ord, w.room, w.usr, w.red, w.got, w.last_seq, w.member_count, m.read_seq, m.delivered_seq
    FROM wanted w CROSS JOIN LATERAL (
      SELECT read_seq, delivered_seq FROM members WHERE room_id = w.room AND user_id = w.usr LIMIT 1 FOR NO KEY UPDATE
    ) m WHERE w.moves
    UNION ALL
    SELECT ord, room, usr, red, got, last_seq, member_count, read_seq, delivered_seq FROM wanted WHERE NOT moves
  ), target AS (
    SELECT h.*, t.red AS new_read, greatest(h.delivered_seq, least(h.got, h.last_seq), t.red) AS new_delivered
    FROM held h CROSS JOIN LATERAL (SELECT greatest(h.read_seq, least(h.red, h.last_seq)) AS red) t
  ), written AS (
    UPDATE members m SET read_seq = t.new_read, delivered_seq = t.new_delivered FROM target t
    WHERE m.room_id = t.room AND m.user_id = t.usr AND (t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq)
  )
  SELECT t.ord, t.new_read, t.new_delivered, t.last_seq,
    parley_unread(t.room, t.usr, t.new_read, t.last_seq, p_window, p_most)::bigint, t.member_count,
    t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq
  FROM target t;
END $$;
--> statement-breakpoint

-- As before; what is written is counted. The other append follows in the next migration, of the same transaction.
CREATE OR REPLACE FUNCTION parley_append_carefully(
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
      IF v_last > v_first THEN
        UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
      END IF;
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
  IF v_last > v_first THEN
    UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
  END IF;
END $$;
--> statement-breakpoint

-- As before; what is deleted counts no more.
CREATE OR REPLACE FUNCTION parley_revise(
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
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
