-- oldest build: 17
--
-- What nodes of build 24 and before call instead of parley_append_messages: no draft has details, and every sender is looked up. p_offset
-- is a draft's position within its room (from 1), and bases holds each room's last number before the batch. p_pair_rooms and
-- p_pair_users hold each pair of room and sender once. Goes once the window of versions begins after it.
CREATE OR REPLACE FUNCTION parley_append(
  p_rooms bigint[], p_counts int[], p_pair_rooms bigint[], p_pair_users bigint[],
  p_place int[], p_offset int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT bases bigint[], OUT ids bigint[], OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_starts int[];
BEGIN
  SELECT array_agg(s.start ORDER BY s.place) INTO v_starts FROM (
    SELECT w.place, sum(w.count) OVER (ORDER BY w.place) - w.count AS start
      FROM unnest(p_counts) WITH ORDINALITY AS w(count, place)) s;
  SELECT a.ids, a.at, ARRAY(
      SELECT b.shift + b.start FROM unnest(a.shifts, v_starts) WITH ORDINALITY AS b(shift, start, place) ORDER BY b.place)
    INTO ids, at, bases
    FROM parley_append_messages(p_rooms, p_counts, v_starts, array_fill(NULL::bigint, ARRAY[cardinality(p_rooms)]),
      p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
--> statement-breakpoint

-- What nodes of build 29 and before call instead of parley_append_messages: no draft has details. Goes once the window of versions
-- begins after it.
CREATE OR REPLACE FUNCTION parley_append_batch(
  p_rooms bigint[], p_counts int[], p_starts int[], p_versions bigint[],
  p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT shifts bigint[], OUT ids bigint[], OUT versions bigint[], OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.shifts, a.ids, a.versions, a.at INTO shifts, ids, versions, at
    FROM parley_append_messages(p_rooms, p_counts, p_starts, p_versions,
      p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
--> statement-breakpoint

-- What nodes of build 29 and before call instead of parley_append_each: no draft has details. Goes once the window of versions begins
-- after it.
CREATE OR REPLACE FUNCTION parley_append_carefully(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[]
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.codes, a.seqs, a.ids, a.ats INTO codes, seqs, ids, ats
    FROM parley_append_each(p_rooms, p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
--> statement-breakpoint

-- Appends one batch of messages draft by draft. Returns one code per draft: 0 written, 1 a retry (the first result is returned),
-- 2 the sender is not a member, 3 no such room, 4 the idempotency key belongs to a message in another room, 5 the draft replies to a
-- number that is not a message's. The parameters are those of parley_append_messages. ats holds seconds since 1970, or an empty string when
-- the draft was not written.
CREATE OR REPLACE FUNCTION parley_append_each(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[],
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
    ELSIF p_replies[i] IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.room_id = v_room AND m.seq = p_replies[i]) THEN
      codes[i] := 5;
    ELSE
      v_last := v_last + 1;
      seqs[i] := v_last; ids[i] := nextval('message_ids'); ats[i] := extract(epoch FROM v_at)::text;
      INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, details, created_at)
        VALUES (v_room, v_last, ids[i], p_senders[i], p_clients[i], p_kinds[i], p_bodies[i], p_replies[i], p_details[i]::jsonb, v_at);
    END IF;
  END LOOP;
  IF v_last > v_first THEN
    UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
  END IF;
END $$;
--> statement-breakpoint

-- Appends one batch of messages when nothing about the batch is unusual: the rooms exist, every sender is a member, no idempotency
-- key was used before, and every reply refers to a message that exists. Otherwise it raises PA003 (or a unique violation) and writes
-- nothing; the caller then calls parley_append_each.
--
-- p_rooms ascends. p_counts holds the number of drafts for each room, p_starts the number of drafts for the rooms before it. The
-- drafts are grouped by room in that order, and p_place is each draft's index in p_rooms (from 1). p_kinds is null if every kind is
-- 'text', p_replies if no draft is a reply, p_details if no draft has details.
--
-- p_versions holds for each room the member_version at which the caller has seen all of the room's senders as members, or null. The
-- row of the room is locked when the version is compared, and whatever adds or removes a member changes it. So the look-up of members
-- is left out for a room whose version is still the same.
--
-- A draft's number is its index in the batch (from 1) plus the shift of its room. Also returns the messages' ids in the order of the
-- drafts, and the one time of creation that they all share. versions holds the rooms' versions, at which all senders were members; it
-- is null if they are those of the caller.
--
-- The rows of rooms are locked in the order of their ids. The statement's plan can only look up each room of the ascending array by
-- primary key, or scan the whole primary key, because every other index of rooms is partial. deleted_at is checked afterwards, so that
-- no partial index fits. The rows come back in that order, too; comparing them with p_rooms proves it, and that no room is missing.
CREATE OR REPLACE FUNCTION parley_append_messages(
  p_rooms bigint[], p_counts int[], p_starts int[], p_versions bigint[],
  p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[],
  OUT shifts bigint[], OUT ids bigint[], OUT versions bigint[], OUT at timestamptz
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_rooms bigint[];
  v_deleted bigint;
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
  IF p_replies IS NOT NULL AND EXISTS (
    SELECT FROM unnest(p_place, p_replies) AS d(place, reply)
      WHERE d.reply IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.room_id = p_rooms[d.place] AND m.seq = d.reply)
  ) THEN RAISE EXCEPTION 'careful' USING ERRCODE = 'PA003'; END IF;
  at := date_trunc('milliseconds', clock_timestamp());
  SELECT array_agg(nextval('message_ids')) INTO ids FROM generate_series(1, cardinality(p_place));
  INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, details, created_at)
    SELECT p_rooms[d.place], shifts[d.place] + d.ord, ids[d.ord], d.sender, d.client, coalesce(d.kind, 'text'), d.body, d.reply,
        d.details::jsonb, at
    FROM unnest(p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, p_details)
      WITH ORDINALITY AS d(place, sender, client, kind, body, reply, details, ord);
END $$;
--> statement-breakpoint

-- What nodes of build 29 and before call instead of parley_revise_message: the details stay. Goes once the window of versions begins
-- after it.
CREATE OR REPLACE FUNCTION parley_revise(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.version, r.edited, r.deleted INTO version, edited, deleted
    FROM parley_revise_message(p_room, p_seq, p_actor, p_actor_role, p_body, NULL) r;
END $$;
--> statement-breakpoint

-- Replaces a message's body and some of its details, or leaves a tombstone when p_body is null. Of the details, p_details holds those
-- that are replaced, with null for those that are removed; the others stay. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. details are those that the message has afterwards. A deleted message no
-- longer counts in message_count, it has no details, and nothing is shown of its reactions.
CREATE OR REPLACE FUNCTION parley_revise_message(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text, p_details text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz, OUT details text
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
  v_at timestamptz;
  v_changed jsonb := p_details::jsonb;
  v_removed text[] := ARRAY(SELECT d.key FROM jsonb_each(v_changed) d WHERE d.value = 'null');
BEGIN
  v_next := parley_lock(p_room) + 1;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  v_at := date_trunc('milliseconds', clock_timestamp());
  UPDATE messages m SET version_seq = v_next, body = coalesce(p_body, ''),
      details = CASE
        WHEN p_body IS NULL THEN NULL
        WHEN v_changed IS NULL THEN m.details
        ELSE nullif((coalesce(m.details, '{}') || v_changed) - v_removed, '{}') END,
      edited_at = CASE WHEN p_body IS NULL THEN m.edited_at ELSE v_at END,
      deleted_at = CASE WHEN p_body IS NULL THEN v_at END
    WHERE m.room_id = p_room AND m.seq = p_seq AND m.deleted_at IS NULL
    RETURNING m.edited_at, m.deleted_at, m.details::text INTO edited, deleted, details;
  IF FOUND THEN
    version := v_next;
    IF p_body IS NULL THEN
      UPDATE reaction_summaries SET gone = true WHERE room_id = p_room AND seq = p_seq;
    END IF;
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
