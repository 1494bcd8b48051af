-- oldest build: 17
--
-- Appends one batch of messages draft by draft. Returns one code per draft: 0 written, 1 a retry (the first result is returned),
-- 2 the sender is not a member, 3 no such room, 4 the idempotency key belongs to a message in another room, 5 the draft replies to a
-- number that is not a message's, 6 an attachment is not the sender's own upload to the room, or a message has it. The parameters are those of parley_append_messages. ats holds seconds since 1970, or an empty string when
-- the draft was not written. threads is as parley_append_messages returns it.
CREATE OR REPLACE FUNCTION parley_append_each(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[], p_in_room int[] DEFAULT NULL,
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[], OUT settled text, OUT threads text
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
  v_first_id bigint;
  v_last_id bigint;
  v_details text[] := p_details;
  v_facts jsonb;
  v_root bigint;
  v_threads jsonb;
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
    ELSIF p_replies[i] IS NOT NULL AND parley_root(v_room, p_replies[i]) IS NULL THEN
      codes[i] := 5;
    ELSE
      IF p_details[i]::jsonb ? 'attachments' THEN
        v_facts := parley_claim_attachments(v_room, v_last + 1, p_senders[i], p_details[i]::jsonb -> 'attachments');
        IF v_facts IS NULL THEN
          codes[i] := 6;
          CONTINUE;
        END IF;
        v_details[i] := jsonb_set(p_details[i]::jsonb, '{attachments}', v_facts)::text;
        settled := 'changed';
      END IF;
      v_last := v_last + 1;
      v_root := CASE WHEN p_replies[i] IS NOT NULL THEN parley_root(v_room, p_replies[i]) END;
      seqs[i] := v_last; ids[i] := nextval('message_ids'); ats[i] := extract(epoch FROM v_at)::text;
      v_first_id := coalesce(v_first_id, ids[i]); v_last_id := ids[i];
      INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, thread, in_room, details, created_at)
        VALUES (v_room, v_last, ids[i], p_senders[i], p_clients[i], p_kinds[i], p_bodies[i], p_replies[i], v_root,
          coalesce(p_in_room[i] = 1, true), v_details[i]::jsonb - 'reached', v_at);
      IF v_root IS NOT NULL THEN
        PERFORM parley_reply(ARRAY[v_room], ARRAY[v_root], ARRAY[v_last], ARRAY[p_senders[i]], v_at);
        v_threads := coalesce(v_threads, '[]') || jsonb_build_array(jsonb_build_array(i, parley_thread(v_room, v_root)::jsonb));
      END IF;
      IF p_details[i]::jsonb ? 'mentions' THEN
        PERFORM parley_note_mentions(v_room, v_last, ids[i], p_senders[i], p_details[i]::jsonb, true);
      END IF;
    END IF;
  END LOOP;
  IF v_last > v_first THEN
    UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
  END IF;
  IF v_first_id IS NOT NULL THEN INSERT INTO search_queue (first_id, last_id) VALUES (v_first_id, v_last_id); END IF;
  IF settled IS NOT NULL THEN settled := to_json(v_details)::text; END IF;
  threads := v_threads::text;
END $$;
--> statement-breakpoint

-- Appends one batch of messages when nothing about the batch is unusual: the rooms exist, every sender is a member, no idempotency
-- key was used before, and every reply refers to a message that exists. Otherwise it raises PA003 (or a unique violation) and writes
-- nothing; the caller then calls parley_append_each.
--
-- p_rooms ascends. p_counts holds the number of drafts for each room, p_starts the number of drafts for the rooms before it. The
-- drafts are grouped by room in that order, and p_place is each draft's index in p_rooms (from 1). p_kinds is null if every kind is
-- 'text', p_replies if no draft is a reply, p_details if no draft has details, p_in_room (1, or 0 for replies that
-- are shown in their threads alone) if all are shown in their rooms. Beside the details, p_details may have
-- `reached`, which is not stored with the message: see parley_note_mentions.
--
-- p_versions holds for each room the member_version at which the caller has seen all of the room's senders as members, or null. The
-- row of the room is locked when the version is compared, and whatever adds or removes a member changes it. So the look-up of members
-- is left out for a room whose version is still the same.
--
-- A draft's number is its index in the batch (from 1) plus the shift of its room. Also returns the messages' ids in the order of the
-- drafts, and the one time of creation that they all share. versions holds the rooms' versions, at which all senders were members; it
-- is null if they are those of the caller. settled holds the drafts' details as they were stored, as a JSON list of texts and nulls, if
-- any differ from those of the caller: a draft names attachments by their ids, and its message says what they are.
-- threads holds for each reply its index and its thread as parley_thread shows it after the batch, as JSON; null without replies.
--
-- The rows of rooms are locked in the order of their ids. The statement's plan can only look up each room of the ascending array by
-- primary key, or scan the whole primary key, because every other index of rooms is partial. deleted_at is checked afterwards, so that
-- no partial index fits. The rows come back in that order, too; comparing them with p_rooms proves it, and that no room is missing.
CREATE OR REPLACE FUNCTION parley_append_messages(
  p_rooms bigint[], p_counts int[], p_starts int[], p_versions bigint[],
  p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[], p_in_room int[] DEFAULT NULL,
  OUT shifts bigint[], OUT ids bigint[], OUT versions bigint[], OUT at timestamptz, OUT settled text, OUT threads text
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_rooms bigint[];
  v_deleted bigint;
  v_details text[] := p_details;
  v_facts jsonb;
  v_roots bigint[];
  v_lost boolean;
BEGIN
  WITH moved AS (
    UPDATE rooms r SET last_seq = r.last_seq + w.count, message_count = r.message_count + w.count
      FROM unnest(p_rooms, p_counts, p_starts) AS w(room, count, start) WHERE r.id = w.room
      RETURNING r.id, r.last_seq - w.count - w.start AS shift, r.member_version, r.deleted_at
  )
  SELECT array_agg(m.id), array_agg(m.shift), array_agg(m.member_version), count(m.deleted_at)
    INTO v_rooms, shifts, versions, v_deleted FROM moved m;
  IF v_rooms IS DISTINCT FROM p_rooms OR v_deleted > 0 THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  IF versions = p_versions THEN
    versions := NULL;
  ELSIF EXISTS (
    SELECT FROM unnest(p_place, p_senders) AS d(place, sender)
      WHERE versions[d.place] IS DISTINCT FROM p_versions[d.place]
        AND NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_rooms[d.place] AND m.user_id = d.sender)
  ) THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  IF p_replies IS NOT NULL THEN
    SELECT array_agg(d.root ORDER BY d.ord), count(d.reply) > count(d.root) INTO v_roots, v_lost FROM (
      SELECT w.ord, w.reply, CASE WHEN w.reply IS NOT NULL THEN parley_root(p_rooms[w.place], w.reply) END AS root
        FROM unnest(p_place, p_replies) WITH ORDINALITY AS w(place, reply, ord) OFFSET 0
    ) d;
    IF v_lost THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  END IF;
  IF p_details IS NOT NULL THEN
    FOR i IN 1 .. cardinality(p_details) LOOP
      CONTINUE WHEN p_details[i] IS NULL OR NOT p_details[i]::jsonb ? 'attachments';
      v_facts := parley_claim_attachments(p_rooms[p_place[i]], shifts[p_place[i]] + i, p_senders[i], p_details[i]::jsonb -> 'attachments');
      IF v_facts IS NULL THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
      v_details[i] := jsonb_set(p_details[i]::jsonb, '{attachments}', v_facts)::text;
      settled := 'changed';
    END LOOP;
    IF settled IS NOT NULL THEN settled := to_json(v_details)::text; END IF;
  END IF;
  at := date_trunc('milliseconds', clock_timestamp());
  SELECT array_agg(nextval('message_ids')) INTO ids FROM generate_series(1, cardinality(p_place));
  INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, thread, in_room, details, created_at)
    SELECT p_rooms[d.place], shifts[d.place] + d.ord, ids[d.ord], d.sender, d.client, coalesce(d.kind, 'text'), d.body, d.reply,
        d.root, coalesce(d.shown = 1, true), d.details::jsonb - 'reached', at
    FROM unnest(p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, v_roots, p_in_room, v_details)
      WITH ORDINALITY AS d(place, sender, client, kind, body, reply, root, shown, details, ord);
  INSERT INTO search_queue (first_id, last_id) VALUES (ids[1], ids[cardinality(ids)]);
  IF v_roots IS NOT NULL THEN
    PERFORM parley_reply(
        array_agg(p_rooms[d.place] ORDER BY d.ord), array_agg(d.root ORDER BY d.ord), array_agg(shifts[d.place] + d.ord ORDER BY d.ord),
        array_agg(d.sender ORDER BY d.ord), at
      ) FROM unnest(p_place, p_senders, v_roots) WITH ORDINALITY AS d(place, sender, root, ord) WHERE d.root IS NOT NULL;
    SELECT json_agg(json_build_array(d.ord, parley_thread(p_rooms[d.place], d.root)::json))::text INTO threads
      FROM unnest(p_place, v_roots) WITH ORDINALITY AS d(place, root, ord) WHERE d.root IS NOT NULL;
  END IF;
  IF p_details IS NOT NULL THEN
    PERFORM parley_note_mentions(p_rooms[d.place], shifts[d.place] + d.ord, ids[d.ord], d.sender, d.details, true)
      FROM unnest(p_place, p_senders, p_details::jsonb[]) WITH ORDINALITY AS d(place, sender, details, ord) WHERE d.details ? 'mentions';
  END IF;
END $$;
--> statement-breakpoint

-- Counts the messages that mention a member: by name, by @online or by @room, after p_read and among the last p_window numbers up to
-- p_head, at most p_most. A message counts once. Returns null for non-members (null arguments).
--
-- A function for the reason that parley_unread gives. A member who was never mentioned costs a look into each of two indexes.
CREATE OR REPLACE FUNCTION parley_mentions(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM (
      SELECT seq FROM (
        SELECT seq FROM mentions
        WHERE user_id = p_user AND room_id = p_room AND seq > p_read AND seq > p_head - p_window AND seq <= p_head
        LIMIT p_most
      ) own
      UNION
      SELECT seq FROM (
        SELECT seq FROM room_mentions
        WHERE room_id = p_room AND seq > p_read AND seq > p_head - p_window AND seq <= p_head AND sender_id <> p_user
        LIMIT p_most
      ) everyones
      LIMIT p_most
    ) found
  );
END $$;
--> statement-breakpoint

DROP FUNCTION parley_move_marks;
--> statement-breakpoint

-- Moves members' marks forward, never past the room's last number, and returns the marks as they are afterwards. place is the index
-- (from 1) in the arrays; entries of non-members are missing from the result. Each pair of room and user occurs once.
--
-- Only marks that move are locked and written, because a lock is itself a write. Members are locked in the order of room and user:
-- the LIMITs in the lateral subqueries leave the planner no other plan than a look-up by key for each of the ordered rows. unread and
-- mentions are the results of parley_unread and parley_mentions at the new mark.
CREATE OR REPLACE FUNCTION parley_move_marks(
  p_rooms bigint[], p_users bigint[], p_read bigint[], p_delivered bigint[], p_window int, p_most int
) RETURNS TABLE (place bigint, read_to bigint, delivered_to bigint, head bigint, unread bigint, mentions bigint, people int, moved boolean)
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
    parley_unread(t.room, t.usr, t.new_read, t.last_seq, p_window, p_most)::bigint,
    parley_mentions(t.room, t.usr, t.new_read, t.last_seq, p_window, p_most)::bigint, t.member_count,
    t.new_read > t.read_seq OR t.new_delivered > t.delivered_seq
  FROM target t;
END $$;
--> statement-breakpoint

-- Notes whom a message mentions, and forgets whom it no longer mentions. p_details has `mentions`, with `users` (each with `id`), `room`
-- and `online`; and `reached`, the ids of the members whom @online reaches. It is null if the message is deleted. Without `reached` those
-- whom @online has reached before stay. Call it under the room's lock. The sender is not mentioned to themselves.
--
-- p_fresh says that the message is new, so that there is nothing to forget.
CREATE OR REPLACE FUNCTION parley_note_mentions(
  p_room bigint, p_seq bigint, p_message bigint, p_sender bigint, p_details jsonb, p_fresh boolean
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_mentions jsonb := nullif(p_details->'mentions', 'null');
  v_named bigint[] := ARRAY(SELECT (u->>'id')::bigint FROM jsonb_array_elements(v_mentions->'users') u);
  v_reached bigint[] := ARRAY(SELECT u::bigint FROM jsonb_array_elements_text(p_details->'reached') u);
  v_room boolean := coalesce((v_mentions->>'room')::boolean, false);
  v_online boolean := coalesce((v_mentions->>'online')::boolean, false);
BEGIN
  IF NOT p_fresh THEN
    UPDATE mentions SET named = named AND user_id = ANY (v_named), online = online AND v_online
      WHERE room_id = p_room AND seq = p_seq;
    DELETE FROM mentions WHERE room_id = p_room AND seq = p_seq AND NOT named AND NOT online;
    IF NOT v_room THEN DELETE FROM room_mentions WHERE room_id = p_room AND seq = p_seq; END IF;
  END IF;
  INSERT INTO mentions AS m (room_id, seq, user_id, message_id, named, online)
    SELECT p_room, p_seq, w.usr, p_message, w.usr = ANY (v_named), w.usr = ANY (v_reached)
      FROM (SELECT unnest(v_named) UNION SELECT unnest(v_reached)) w(usr) WHERE w.usr <> p_sender
    ON CONFLICT (room_id, seq, user_id) DO UPDATE SET named = m.named OR excluded.named, online = m.online OR excluded.online;
  IF v_room THEN
    INSERT INTO room_mentions (room_id, seq, message_id, sender_id) VALUES (p_room, p_seq, p_message, p_sender) ON CONFLICT DO NOTHING;
  END IF;
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
  -- Their rows go once their bytes are gone.
  UPDATE attachments SET state = 'ended' WHERE id IN (
    SELECT a.id FROM attachments a WHERE a.room_id = v_room AND a.state <> 'ended' ORDER BY a.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_participants WHERE (room_id, root, user_id) IN (
    SELECT x.room_id, x.root, x.user_id FROM thread_participants x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM threads WHERE (room_id, root) IN (
    SELECT x.room_id, x.root FROM threads x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_follows WHERE (user_id, room_id, root) IN (
    SELECT x.user_id, x.room_id, x.root FROM thread_follows x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_replies r WHERE (r.room_id, r.root, r.gone, r.seq) IN (
    SELECT x.room_id, x.root, x.gone, x.seq FROM thread_replies x WHERE x.room_id = v_room LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM mentions WHERE (room_id, seq, user_id) IN (
    SELECT m.room_id, m.seq, m.user_id FROM mentions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_mentions WHERE room_id = v_room AND seq IN
    (SELECT m.seq FROM room_mentions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- Replaces a message's body and some of its details, or leaves a tombstone when p_body is null. Of the details, p_details holds those
-- that are replaced, with null for those that are removed; the others stay. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. details are those that the message has afterwards. A deleted message no
-- longer counts in message_count, it has no details, nothing is shown of its reactions, and its attachments end. thread_now is
-- the thread of a reply afterwards, as parley_thread shows it; null for other messages.
--
-- An edit keeps what the message said before, and of that the latest p_kept forms; 0 keeps none, and null leaves them as they are. A
-- deletion removes all.
CREATE OR REPLACE FUNCTION parley_revise_message(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text, p_details text, p_kept int,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz, OUT details text, OUT thread_now text
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
  v_at timestamptz;
  v_thread bigint;
  v_changed jsonb := p_details::jsonb - 'reached';
  v_message bigint;
  v_sender bigint;
  v_removed text[] := ARRAY(SELECT d.key FROM jsonb_each(v_changed) d WHERE d.value = 'null');
BEGIN
  v_next := parley_lock(p_room) + 1;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  v_at := date_trunc('milliseconds', clock_timestamp());
  IF p_body IS NOT NULL AND p_kept > 0 THEN
    INSERT INTO message_revisions (room_id, seq, version, body, details, created_at, replaced_at)
      SELECT m.room_id, m.seq, coalesce(m.version_seq, m.seq), m.body, m.details, coalesce(m.edited_at, m.created_at), v_at
      FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq AND m.deleted_at IS NULL;
  END IF;
  UPDATE messages m SET version_seq = v_next, body = coalesce(p_body, ''),
      details = CASE
        WHEN p_body IS NULL THEN NULL
        WHEN v_changed IS NULL THEN m.details
        ELSE nullif((coalesce(m.details, '{}') || v_changed) - v_removed, '{}') END,
      edited_at = CASE WHEN p_body IS NULL THEN m.edited_at ELSE v_at END,
      deleted_at = CASE WHEN p_body IS NULL THEN v_at END
    WHERE m.room_id = p_room AND m.seq = p_seq AND m.deleted_at IS NULL
    RETURNING m.edited_at, m.deleted_at, m.details::text, m.thread, m.id, m.sender_id
    INTO edited, deleted, details, v_thread, v_message, v_sender;
  IF FOUND THEN
    version := v_next;
    IF p_body IS NULL THEN
      UPDATE reaction_summaries SET gone = true WHERE room_id = p_room AND seq = p_seq;
      UPDATE attachments SET state = 'ended' WHERE room_id = p_room AND seq = p_seq AND state <> 'ended';
      IF v_thread IS NOT NULL THEN PERFORM parley_unreply(p_room, v_thread, p_seq, v_next); END IF;
    END IF;
    IF p_body IS NULL OR p_kept IS NOT NULL THEN
      DELETE FROM message_revisions r WHERE r.room_id = p_room AND r.seq = p_seq AND (p_body IS NULL OR r.version <= (
        SELECT o.version FROM message_revisions o WHERE o.room_id = p_room AND o.seq = p_seq
          ORDER BY o.version DESC OFFSET p_kept LIMIT 1));
    END IF;
    IF v_thread IS NOT NULL THEN thread_now := parley_thread(p_room, v_thread); END IF;
    IF p_body IS NULL OR v_changed ? 'mentions' THEN
      PERFORM parley_note_mentions(p_room, p_seq, v_message, v_sender, p_details::jsonb, false);
    END IF;
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
