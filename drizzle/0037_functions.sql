-- oldest build: 17
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
  v_first_id bigint;
  v_last_id bigint;
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
      v_first_id := coalesce(v_first_id, ids[i]); v_last_id := ids[i];
      INSERT INTO messages (room_id, seq, id, sender_id, client_id, kind, body, reply_to, details, created_at)
        VALUES (v_room, v_last, ids[i], p_senders[i], p_clients[i], p_kinds[i], p_bodies[i], p_replies[i], p_details[i]::jsonb, v_at);
    END IF;
  END LOOP;
  IF v_last > v_first THEN
    UPDATE rooms SET last_seq = v_last, message_count = message_count + v_last - v_first WHERE id = v_room;
  END IF;
  IF v_first_id IS NOT NULL THEN INSERT INTO search_queue (first_id, last_id) VALUES (v_first_id, v_last_id); END IF;
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
  INSERT INTO search_queue (first_id, last_id) VALUES (ids[1], ids[cardinality(ids)]);
END $$;
--> statement-breakpoint

-- Returns an id that divides messages by their time: those with lower ids were sent before p_at, the others then or later. Ids ascend with
-- time but for what is sent within a moment, so this looks up some thirty messages. Returns 0 if there is no message.
CREATE OR REPLACE FUNCTION parley_message_from(p_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_low bigint := (SELECT m.id FROM messages m ORDER BY m.id LIMIT 1);
  v_high bigint := (SELECT m.id + 1 FROM messages m ORDER BY m.id DESC LIMIT 1);
  v_middle bigint;
  r record;
BEGIN
  WHILE v_low < v_high LOOP
    v_middle := (v_low + v_high) / 2;
    SELECT m.id, m.created_at INTO r FROM messages m WHERE m.id >= v_middle ORDER BY m.id LIMIT 1;
    IF r.created_at < p_at THEN v_low := r.id + 1; ELSE v_high := v_middle; END IF;
  END LOOP;
  RETURN coalesce(v_low, 0);
END $$;
--> statement-breakpoint

-- Takes a message out of the search in the transaction that changes its words or deletes it, whoever does that. New words are queued, and
-- found as soon as a node has indexed them.
CREATE OR REPLACE FUNCTION parley_message_reworded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_docs d WHERE d.id = NEW.id;
  IF NEW.deleted_at IS NULL THEN INSERT INTO search_queue (first_id, last_id) VALUES (NEW.id, NEW.id); END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Takes the messages out of the search whose rows a statement has removed, whoever removed them.
CREATE OR REPLACE FUNCTION parley_messages_gone() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  DELETE FROM search_docs d USING gone g WHERE d.id = g.id;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Finds messages that a user may read, the newest first: those whose words have all of the grams p_keys and one of each of p_some and
-- p_others (null for none). Whoever calls it compares the words. p_room, p_sender and p_files narrow the search if they are not null.
-- p_after and p_end are ids: it searches above the one and below the other. p_limit and p_text limit the messages and the length of their
-- bodies together; there is always one message.
--
-- Returns their ids, and in p_next the id below which it goes on; 0 if there is nothing more. It looks through blocks of ids, from the
-- newest on, and takes blocks eight times as large as long as it finds little, so that the most common word costs no more than the rarest.
-- p_ms limits the time: it is looked at after each block, so that a search ends after at most one block more.
--
-- A room must be public, or the user its member, when the statement begins. Up to p_rooms of the user's rooms are keys of the search: then
-- messages of other rooms take no time, which could tell of them. A user in more rooms has each message that is found looked up.
CREATE OR REPLACE FUNCTION parley_search(
  p_user bigint, p_keys int[], p_some int[], p_others int[], p_room bigint, p_sender bigint,
  p_after bigint, p_end bigint, p_limit int, p_text int, p_rooms int, p_ms int,
  OUT ids bigint[], OUT next bigint
) LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_began timestamptz := clock_timestamp();
  v_step timestamptz;
  v_keys int[] := p_keys;
  v_rooms int[];
  v_any int[];
  v_level int := 0;
  v_size bigint;
  v_block bigint;
  v_found bigint[];
  v_hits bigint := 0;
  v_text bigint := 0;
  v_from bigint;
  r record;
BEGIN
  ids := '{}';
  next := least(p_end, (SELECT m.id + 1 FROM messages m ORDER BY m.id DESC LIMIT 1));
  IF next IS NULL THEN next := 0; RETURN; END IF;
  v_from := next;
  IF p_sender IS NOT NULL THEN v_keys := v_keys || parley_search_mark(6, p_sender); END IF;
  IF p_room IS NOT NULL THEN
    v_keys := v_keys || parley_search_mark(5, p_room);
  ELSE
    SELECT array_agg(parley_search_mark(5, w.room_id)) || parley_search_mark(7, 0) INTO v_rooms
      FROM (SELECT b.room_id FROM members b WHERE b.user_id = p_user LIMIT p_rooms + 1) w;
    IF v_rooms IS NULL THEN v_rooms := ARRAY[parley_search_mark(7, 0)]; END IF;
    IF cardinality(v_rooms) > p_rooms + 1 THEN v_rooms := NULL; END IF;
  END IF;
  WHILE next > p_after + 1 LOOP
    v_step := clock_timestamp();
    v_size := 4096::bigint << (3 * v_level);
    v_block := (next - 1) / v_size;
    v_any := ARRAY[parley_search_mark(v_level, v_block)];
    v_found := parley_search_docs(
      v_keys || v_any, coalesce(p_some, v_any), coalesce(p_others, v_any), coalesce(v_rooms, v_any),
      greatest(v_block * v_size, p_after + 1), next);
    IF v_found IS NOT NULL THEN
      FOR r IN
        SELECT m.id, length(m.body) AS length
        FROM unnest(v_found) AS f(id)
        CROSS JOIN LATERAL (SELECT * FROM messages n WHERE n.id = f.id LIMIT 1) m
        CROSS JOIN LATERAL (SELECT * FROM rooms o WHERE o.id = m.room_id LIMIT 1) o
        WHERE m.deleted_at IS NULL AND o.deleted_at IS NULL
          AND (p_room IS NULL OR m.room_id = p_room) AND (p_sender IS NULL OR m.sender_id = p_sender)
          AND (o.kind = 'public' OR EXISTS (SELECT FROM members b WHERE b.room_id = o.id AND b.user_id = p_user))
        LIMIT p_limit
      LOOP
        IF v_text + r.length > p_text AND cardinality(ids) > 0 THEN RETURN; END IF;
        ids := ids || r.id;
        v_text := v_text + r.length;
        next := r.id;
        IF cardinality(ids) >= p_limit THEN RETURN; END IF;
      END LOOP;
      v_hits := v_hits + cardinality(v_found);
    END IF;
    next := v_block * v_size;
    EXIT WHEN clock_timestamp() - v_began > p_ms * interval '1 millisecond';
    -- The next block may hold some thousand messages by what was found so far, and take some ten times as long as this one did.
    IF v_level < 4 AND clock_timestamp() - v_step < interval '4 milliseconds'
      AND (v_hits + 1) * (v_size * 8) < 2000 * greatest(v_from - next, 1) THEN v_level := v_level + 1;
    ELSIF v_level > 0 AND clock_timestamp() - v_step > interval '30 milliseconds' THEN v_level := v_level - 1; END IF;
  END LOOP;
  IF next <= p_after + 1 THEN next := 0; END IF;
END $$;
--> statement-breakpoint

-- Claims ranges of ids whose messages may be missing from search_docs, the newest first, for p_seconds: at most p_limit, and as many as
-- have p_ids ids together, but always one. Ranges that others have claimed are left out. Returns the queue's ids of the ranges, and the
-- ranges.
CREATE OR REPLACE FUNCTION parley_search_claim(
  p_limit int, p_ids bigint, p_seconds int, OUT queued bigint[], OUT firsts bigint[], OUT lasts bigint[]
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  SELECT coalesce(array_agg(f.id), '{}'), coalesce(array_agg(f.first_id), '{}'), coalesce(array_agg(f.last_id), '{}')
    INTO queued, firsts, lasts FROM (
      SELECT w.*, sum(w.last_id - w.first_id + 1) OVER (ORDER BY w.id DESC) - (w.last_id - w.first_id + 1) AS before FROM (
        SELECT * FROM search_queue o WHERE coalesce(o.claimed_until < clock_timestamp(), true)
          ORDER BY o.id DESC LIMIT p_limit FOR UPDATE SKIP LOCKED
      ) w
    ) f WHERE f.before < p_ids;
  UPDATE search_queue q SET claimed_until = clock_timestamp() + p_seconds * interval '1 second' WHERE q.id = ANY (queued);
END $$;
--> statement-breakpoint

-- Returns the ids of the messages in search_docs that have all of p_keys and one of each of the other arrays, from p_first up to, but not
-- with, p_end; the newest first. It only ever reads the index of keys, whatever the planner's statistics say: conditions on ids are
-- written so that no index has them.
CREATE OR REPLACE FUNCTION parley_search_docs(
  p_keys int[], p_some int[], p_others int[], p_rooms int[], p_first bigint, p_end bigint
) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
SET plan_cache_mode = force_generic_plan SET jit = off SET max_parallel_workers_per_gather = 0
AS $$
BEGIN
  RETURN (
    SELECT array_agg(d.id ORDER BY d.id DESC) FROM search_docs d
      WHERE d.keys @> p_keys AND d.keys && p_some AND d.keys && p_others AND d.keys && p_rooms
        AND d.id + 0 >= p_first AND d.id + 0 < p_end
  );
END $$;
--> statement-breakpoint

-- Adds messages to search_docs. p_versions holds the version_seq of each message at which its words were read, p_grams the grams of these
-- words, as arrays in text form. Messages that were edited or deleted since are left out: whatever changed them has queued them again.
-- p_queued are the ranges of search_queue that are done with, p_open those that are to be gone on with.
--
-- Each message's row is locked until the end, so that an edit or a deletion comes either before, and is seen here, or after, and removes
-- what is written here. Nothing waits for these few milliseconds but edits and deletions of the same messages.
--
-- If the server crashes, what the latest of these transactions have written may be lost, but then the ranges are still queued.
CREATE OR REPLACE FUNCTION parley_search_index(
  p_ids bigint[], p_versions bigint[], p_grams text[], p_queued bigint[], p_open bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off SET synchronous_commit = off
AS $$
BEGIN
  INSERT INTO search_docs (id, keys)
    SELECT m.id, w.grams::int[] || ARRAY[
        parley_search_mark(0, m.id / 4096), parley_search_mark(1, m.id / 32768), parley_search_mark(2, m.id / 262144),
        parley_search_mark(3, m.id / 2097152), parley_search_mark(4, m.id / 16777216),
        parley_search_mark(5, m.room_id), parley_search_mark(6, m.sender_id)
      ] || CASE WHEN r.kind = 'public' THEN ARRAY[parley_search_mark(7, 0)] ELSE '{}' END
    FROM unnest(p_ids, p_versions, p_grams) WITH ORDINALITY AS w(id, version, grams, ord)
    CROSS JOIN LATERAL (
      SELECT * FROM messages n WHERE n.id = w.id AND n.deleted_at IS NULL AND n.version_seq IS NOT DISTINCT FROM w.version LIMIT 1
      FOR SHARE
    ) m
    CROSS JOIN LATERAL (SELECT * FROM rooms o WHERE o.id = m.room_id LIMIT 1) r
    ON CONFLICT (id) DO NOTHING;
  DELETE FROM search_queue q WHERE q.id = ANY (p_queued);
  UPDATE search_queue q SET claimed_until = NULL WHERE q.id = ANY (p_open);
END $$;
--> statement-breakpoint

-- Returns the key of search_docs that stands for a property of messages. Kinds: 0 to 4 the block of ids that a message's id is in, of
-- 4096 * 8 ^ kind ids, counted from 0; 5 its room; 6 its sender; 7 a flag: 0 its room is public, 1 it has files. Keys of different
-- properties can be equal once values pass 2 ^ 28, so whoever searches by a key compares the property itself afterwards.
CREATE OR REPLACE FUNCTION parley_search_mark(p_kind int, p_value bigint) RETURNS int LANGUAGE sql IMMUTABLE
RETURN (-1 - (p_value * 8 + p_kind) % 2147483647)::int;
