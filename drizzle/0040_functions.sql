-- oldest build: 17
--
-- Writes the row of an attachment whose bytes are about to be stored, at the expense of its uploader's limits. id is null when the limits
-- do not allow it: then left_bytes says what they allow, and wait_ms, if above 0, how long until the user's hour is over.
CREATE OR REPLACE FUNCTION parley_add_attachment(
  p_room bigint, p_uploader bigint, p_key text, p_name text, p_type text, p_size bigint, p_width int, p_height int,
  p_placeholder text, p_has_thumbnail boolean, p_quota bigint, p_hour_bytes bigint, p_hour_files int,
  OUT id bigint, OUT left_bytes bigint, OUT wait_ms bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_usage attachment_usage;
BEGIN
  INSERT INTO attachment_usage AS u (user_id, bytes, hour_at, hour_bytes, hour_files) VALUES (p_uploader, 0, v_now, 0, 0)
    ON CONFLICT (user_id) DO UPDATE SET
      hour_at = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN v_now ELSE u.hour_at END,
      hour_bytes = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN 0 ELSE u.hour_bytes END,
      hour_files = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN 0 ELSE u.hour_files END
    RETURNING u.* INTO v_usage;
  left_bytes := greatest(0, p_quota - v_usage.bytes);
  wait_ms := 0;
  IF left_bytes < p_size THEN RETURN; END IF;
  IF v_usage.hour_files >= p_hour_files OR v_usage.hour_bytes + p_size > p_hour_bytes THEN
    left_bytes := CASE WHEN v_usage.hour_files >= p_hour_files THEN 0 ELSE greatest(0, p_hour_bytes - v_usage.hour_bytes) END;
    wait_ms := greatest(1, extract(epoch FROM v_usage.hour_at + interval '1 hour' - v_now) * 1000);
    RETURN;
  END IF;
  UPDATE attachment_usage u SET bytes = u.bytes + p_size, hour_bytes = u.hour_bytes + p_size, hour_files = u.hour_files + 1
    WHERE u.user_id = p_uploader;
  INSERT INTO attachments AS a
      (room_id, uploader_id, key, name, type, size, width, height, placeholder, has_thumbnail, created_at)
    VALUES (p_room, p_uploader, p_key, p_name, p_type, p_size, p_width, p_height, p_placeholder, p_has_thumbnail,
      date_trunc('milliseconds', v_now))
    RETURNING a.id INTO parley_add_attachment.id;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_append_each;
--> statement-breakpoint

-- Appends one batch of messages draft by draft. Returns one code per draft: 0 written, 1 a retry (the first result is returned),
-- 2 the sender is not a member, 3 no such room, 4 the idempotency key belongs to a message in another room, 5 the draft replies to a
-- number that is not a message's, 6 an attachment is not the sender's own upload to the room, or a message has it. The parameters are those of parley_append_messages. ats holds seconds since 1970, or an empty string when
-- the draft was not written.
CREATE OR REPLACE FUNCTION parley_append_each(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[],
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[], OUT settled text
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
      seqs[i] := v_last; ids[i] := nextval('message_ids'); ats[i] := extract(epoch FROM v_at)::text;
      v_first_id := coalesce(v_first_id, ids[i]); v_last_id := ids[i];
      INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, details, created_at)
        VALUES (v_room, v_last, ids[i], p_senders[i], p_clients[i], p_kinds[i], p_bodies[i], p_replies[i], v_details[i]::jsonb, v_at);
    END IF;
  END LOOP;
  IF v_last > v_first THEN
    UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
  END IF;
  IF v_first_id IS NOT NULL THEN INSERT INTO search_queue (first_id, last_id) VALUES (v_first_id, v_last_id); END IF;
  IF settled IS NOT NULL THEN settled := to_json(v_details)::text; END IF;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_append_messages;
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
-- is null if they are those of the caller. settled holds the drafts' details as they were stored, as a JSON list of texts and nulls, if
-- any differ from those of the caller: a draft names attachments by their ids, and its message says what they are.
--
-- The rows of rooms are locked in the order of their ids. The statement's plan can only look up each room of the ascending array by
-- primary key, or scan the whole primary key, because every other index of rooms is partial. deleted_at is checked afterwards, so that
-- no partial index fits. The rows come back in that order, too; comparing them with p_rooms proves it, and that no room is missing.
CREATE OR REPLACE FUNCTION parley_append_messages(
  p_rooms bigint[], p_counts int[], p_starts int[], p_versions bigint[],
  p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  p_details text[],
  OUT shifts bigint[], OUT ids bigint[], OUT versions bigint[], OUT at timestamptz, OUT settled text
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_rooms bigint[];
  v_deleted bigint;
  v_details text[] := p_details;
  v_facts jsonb;
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
  INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, details, created_at)
    SELECT p_rooms[d.place], shifts[d.place] + d.ord, ids[d.ord], d.sender, d.client, coalesce(d.kind, 'text'), d.body, d.reply,
        d.details::jsonb, at
    FROM unnest(p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, v_details)
      WITH ORDINALITY AS d(place, sender, client, kind, body, reply, details, ord);
  INSERT INTO search_queue (first_id, last_id) VALUES (ids[1], ids[cardinality(ids)]);
END $$;
--> statement-breakpoint

-- Gives stored attachments to a message that is being written. p_attachments lists their ids; its sender must have uploaded each to
-- the room, and no message may have it. Returns what the message says of them, in the same order; null, and changes nothing, if one of
-- them is not such. Called under the room's lock.
CREATE OR REPLACE FUNCTION parley_claim_attachments(
  p_room bigint, p_seq bigint, p_sender bigint, p_attachments jsonb, OUT facts jsonb
) LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_ids bigint[] := ARRAY(SELECT jsonb_array_elements_text(p_attachments)::bigint);
  v_found int;
BEGIN
  -- Locked in the order of their ids, as everywhere. A row that is ended meanwhile no longer counts.
  SELECT count(*) INTO v_found FROM (
    SELECT FROM attachments a
      WHERE a.id = ANY (v_ids) AND a.room_id = p_room AND a.uploader_id = p_sender AND a.state = 'stored'
      ORDER BY a.id FOR UPDATE
  ) locked;
  IF v_found <> cardinality(v_ids) THEN RETURN; END IF;
  WITH sent AS (
    UPDATE attachments a SET state = 'sent', seq = p_seq WHERE a.id = ANY (v_ids) RETURNING a.*
  )
  SELECT jsonb_agg(jsonb_build_object(
      'id', s.id, 'name', s.name, 'type', s.type, 'size', s.size, 'width', s.width, 'height', s.height,
      'placeholder', s.placeholder, 'hasThumbnail', s.has_thumbnail) ORDER BY w.place)
    INTO facts FROM unnest(v_ids) WITH ORDINALITY AS w(id, place) JOIN sent s ON s.id = w.id;
END $$;
--> statement-breakpoint

-- Removes the rows of attachments that have ended and whose bytes are gone. Their uploaders may upload as much again. The rows of
-- usage are locked in the order of their users.
CREATE OR REPLACE FUNCTION parley_forget_attachments(p_ids bigint[], OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  gone := 0;
  FOR r IN
    WITH forgotten AS (
      DELETE FROM attachments WHERE id = ANY (p_ids) AND state = 'ended' RETURNING uploader_id, size
    )
    SELECT f.uploader_id, sum(f.size)::bigint AS bytes, count(*)::int AS files FROM forgotten f
      GROUP BY f.uploader_id ORDER BY f.uploader_id
  LOOP
    UPDATE attachment_usage SET bytes = bytes - r.bytes WHERE user_id = r.uploader_id;
    gone := gone + r.files;
  END LOOP;
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
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- Replaces a message's body and some of its details, or leaves a tombstone when p_body is null. Of the details, p_details holds those
-- that are replaced, with null for those that are removed; the others stay. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. details are those that the message has afterwards. A deleted message no
-- longer counts in message_count, it has no details, nothing is shown of its reactions, and its attachments end.
--
-- An edit keeps what the message said before, and of that the latest p_kept forms; 0 keeps none, and null leaves them as they are. A
-- deletion removes all.
CREATE OR REPLACE FUNCTION parley_revise_message(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text, p_details text, p_kept int,
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
    RETURNING m.edited_at, m.deleted_at, m.details::text INTO edited, deleted, details;
  IF FOUND THEN
    version := v_next;
    IF p_body IS NULL THEN
      UPDATE reaction_summaries SET gone = true WHERE room_id = p_room AND seq = p_seq;
      UPDATE attachments SET state = 'ended' WHERE room_id = p_room AND seq = p_seq AND state <> 'ended';
    END IF;
    IF p_body IS NULL OR p_kept IS NOT NULL THEN
      DELETE FROM message_revisions r WHERE r.room_id = p_room AND r.seq = p_seq AND (p_body IS NULL OR r.version <= (
        SELECT o.version FROM message_revisions o WHERE o.room_id = p_room AND o.seq = p_seq
          ORDER BY o.version DESC OFFSET p_kept LIMIT 1));
    END IF;
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
