-- oldest build: 17
-- Appends one batch of messages draft by draft. Returns one code per draft: 0 written, 1 a retry (the first result is returned),
-- 2 the sender is not a member, 3 no such room, 4 the idempotency key belongs to a message in another room, 5 the draft replies to a
-- number that is not a message's, 6 an attachment is not the sender's own upload to the room, or a message has it, 7 the sender is muted,
-- 8 the sender must wait because of slow mode, 9 only the staff may post, 10 one of the two users blocks the other. The parameters are
-- those of parley_append_messages. ats holds seconds since 1970, or an empty string when the draft was not written. waits holds for 7 and
-- 8 the number of milliseconds until the sender may send, or 0 if there is no such time. threads is as parley_append_messages returns it.
CREATE OR REPLACE FUNCTION parley_append_each(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[], p_in_room int[] DEFAULT NULL,
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[], OUT waits bigint[], OUT settled text, OUT threads text
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
  v_slow int;
  v_voice record;
  r record;
BEGIN
  codes := array_fill(0, ARRAY[n]); seqs := array_fill(0::bigint, ARRAY[n]);
  ids := array_fill(0::bigint, ARRAY[n]); ats := array_fill(''::text, ARRAY[n]);
  waits := array_fill(0::bigint, ARRAY[n]);
  FOR i IN 1 .. n LOOP
    IF v_room IS DISTINCT FROM p_rooms[p_place[i]] THEN
      IF v_last > v_first THEN
        UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
      END IF;
      v_room := p_rooms[p_place[i]];
      SELECT last_seq, slow_mode INTO v_last, v_slow FROM rooms WHERE id = v_room AND deleted_at IS NULL FOR UPDATE;
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
    ELSE
      v_voice := parley_voice(v_room, p_senders[i], v_at);
      codes[i] := v_voice.code; waits[i] := v_voice.wait;
      -- What the server says of a member's change is no speech of the member's.
      IF p_kinds[i] = 'system' AND codes[i] IN (7, 9) THEN codes[i] := 0; waits[i] := 0; END IF;
      IF codes[i] <> 0 THEN CONTINUE; END IF;
      IF p_replies[i] IS NOT NULL AND parley_root(v_room, p_replies[i]) IS NULL THEN
        codes[i] := 5;
        CONTINUE;
      END IF;
      IF v_slow > 0 AND p_kinds[i] <> 'system' THEN
        waits[i] := parley_take_turn(v_room, p_senders[i], v_slow, v_at);
        IF waits[i] > 0 THEN codes[i] := 8; CONTINUE; END IF;
      END IF;
      IF p_details[i]::jsonb ? 'attachments' THEN
        v_facts := parley_claim_attachments(v_room, v_last + 1, p_senders[i], p_details[i]::jsonb -> 'attachments');
        IF v_facts IS NULL THEN
          codes[i] := 6;
          -- The turn was free before, and is again.
          IF v_slow > 0 THEN DELETE FROM slow_sends WHERE room_id = v_room AND user_id = p_senders[i]; END IF;
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

-- Appends one batch of messages when nothing about the batch is unusual: the rooms exist, every sender is a member who may post, no
-- idempotency key was used before, and every reply refers to a message that exists. Otherwise it raises PA003 (or a unique violation) and writes
-- nothing; the caller then calls parley_append_each.
--
-- p_rooms ascends. p_counts holds the number of drafts for each room, p_starts the number of drafts for the rooms before it. The
-- drafts are grouped by room in that order, and p_place is each draft's index in p_rooms (from 1). p_kinds is null if every kind is
-- 'text', p_replies if no draft is a reply, p_details if no draft has details, p_in_room (1, or 0 for replies that
-- are shown in their threads alone) if all are shown in their rooms. Beside the details, p_details may have
-- `reached`, which is not stored with the message: see parley_note_mentions.
--
-- p_versions holds for each room the member_version at which the caller has seen that all of the room's senders may post, or null. The
-- row of the room is locked when the version is compared, and whatever adds, removes or mutes a member, or changes who may post, changes
-- it. So the look-up of senders is left out for a room whose version is still the same. A mute that ends by itself changes no version:
-- callers remember only who may post. A room in slow mode has another version at each append, so its senders are always looked up. Messages
-- of the kind 'system' take no turn there: the server writes them, in the name of who has changed something.
--
-- A draft's number is its index in the batch (from 1) plus the shift of its room. Also returns the messages' ids in the order of the
-- drafts, and the one time of creation that they all share. versions holds the rooms' versions, at which all senders might post; it
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
  -- Per room: 0 for anyone, the seconds of slow mode, -1 for the staff only, -2 for nobody.
  v_rules int[];
  v_place int;
  v_sender bigint;
BEGIN
  WITH moved AS (
    UPDATE rooms r SET last_seq = r.last_seq + w.count, message_count = r.message_count + w.count
      FROM unnest(p_rooms, p_counts, p_starts) AS w(room, count, start) WHERE r.id = w.room
      RETURNING r.id, r.last_seq - w.count - w.start AS shift, r.deleted_at,
        CASE r.slow_mode WHEN 0 THEN r.member_version ELSE -r.last_seq END AS version,
        CASE r.posting WHEN 'everyone' THEN r.slow_mode WHEN 'staff' THEN -1 ELSE -2 END AS rule
  )
  SELECT array_agg(m.id), array_agg(m.shift), array_agg(m.version), array_agg(m.rule), count(m.deleted_at)
    INTO v_rooms, shifts, versions, v_rules, v_deleted FROM moved m;
  IF v_rooms IS DISTINCT FROM p_rooms OR v_deleted > 0 THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  at := date_trunc('milliseconds', clock_timestamp());
  IF versions = p_versions THEN
    versions := NULL;
  ELSE
    IF EXISTS (
      SELECT FROM unnest(p_place, p_senders) AS d(place, sender)
        WHERE versions[d.place] IS DISTINCT FROM p_versions[d.place]
          AND NOT EXISTS (
            SELECT FROM members m WHERE m.room_id = p_rooms[d.place] AND m.user_id = d.sender
              AND (v_rules[d.place] >= 0 OR v_rules[d.place] = -1 AND m.role <> 'member')
              AND NOT EXISTS (SELECT FROM mutes u WHERE u.room_id = m.room_id AND u.user_id = m.user_id AND (u.until IS NULL OR u.until > at)))
    ) THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
    IF 0 < ANY (v_rules) THEN
      FOR v_place, v_sender IN
        SELECT d.place, d.sender FROM unnest(p_place, p_senders, p_kinds) AS d(place, sender, kind)
          WHERE v_rules[d.place] > 0 AND d.kind IS DISTINCT FROM 'system'
      LOOP
        IF parley_take_turn(p_rooms[v_place], v_sender, v_rules[v_place], at) > 0 THEN
          RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003';
        END IF;
      END LOOP;
    END IF;
  END IF;
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
