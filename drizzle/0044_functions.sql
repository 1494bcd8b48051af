-- oldest build: 17
--
DROP FUNCTION parley_append_each;
--> statement-breakpoint

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
          coalesce(p_in_room[i] = 1, true), v_details[i]::jsonb, v_at);
      IF v_root IS NOT NULL THEN
        PERFORM parley_reply(ARRAY[v_room], ARRAY[v_root], ARRAY[v_last], ARRAY[p_senders[i]], v_at);
        v_threads := coalesce(v_threads, '[]') || jsonb_build_array(jsonb_build_array(i, parley_thread(v_room, v_root)::jsonb));
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

DROP FUNCTION parley_append_messages;
--> statement-breakpoint

-- Appends one batch of messages when nothing about the batch is unusual: the rooms exist, every sender is a member, no idempotency
-- key was used before, and every reply refers to a message that exists. Otherwise it raises PA003 (or a unique violation) and writes
-- nothing; the caller then calls parley_append_each.
--
-- p_rooms ascends. p_counts holds the number of drafts for each room, p_starts the number of drafts for the rooms before it. The
-- drafts are grouped by room in that order, and p_place is each draft's index in p_rooms (from 1). p_kinds is null if every kind is
-- 'text', p_replies if no draft is a reply, p_details if no draft has details, p_in_room (1, or 0 for replies that
-- are shown in their threads alone) if all are shown in their rooms.
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
        d.root, coalesce(d.shown = 1, true), d.details::jsonb, at
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
END $$;
--> statement-breakpoint

-- Lets users follow threads from now on: those who have replied, have begun the thread, or are mentioned in it. p_read holds the number up
-- to which each has read the thread, unless they have followed it before. p_again is 1 if a user who has stopped to follow the thread
-- begins anew, and 0 if that stays. Each user occurs once for each thread.
CREATE OR REPLACE FUNCTION parley_begin_following(
  p_users bigint[], p_rooms bigint[], p_roots bigint[], p_read bigint[], p_again int[]
) RETURNS void LANGUAGE sql
AS $$
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    SELECT w.usr, w.room, w.root, true, w.red, 1 FROM unnest(p_users, p_rooms, p_roots, p_read, p_again) AS w(usr, room, root, red, again)
      -- Most follow it already, and a row that is looked at here is neither locked nor written.
      WHERE NOT EXISTS (
        SELECT FROM thread_follows k
          WHERE k.user_id = w.usr AND k.room_id = w.room AND k.root = w.root AND (k.following OR w.again = 0))
    ON CONFLICT (user_id, room_id, root) DO UPDATE SET following = true, version = f.version + 1 WHERE NOT f.following
$$;
--> statement-breakpoint

-- Lets a member of a room follow a thread, or stop to. root is the number of the message that begins the thread of p_seq: p_seq itself if
-- it is no reply. changed says whether that was another state before. Returns null for root if there is no such message, and for version if
-- the user is not a member. A user who begins to follow has read everything that is there.
CREATE OR REPLACE FUNCTION parley_follow_thread(
  p_user bigint, p_room bigint, p_seq bigint, p_following boolean,
  OUT root bigint, OUT following boolean, OUT read_seq bigint, OUT version bigint, OUT changed boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  changed := false;
  root := parley_root(p_room, p_seq);
  IF root IS NULL OR NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) THEN RETURN; END IF;
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    VALUES (p_user, p_room, parley_follow_thread.root, p_following, coalesce((
      SELECT t.last_seq FROM threads t WHERE t.room_id = p_room AND t.root = parley_follow_thread.root
    ), parley_follow_thread.root), 1)
    ON CONFLICT ON CONSTRAINT thread_follows_pkey DO UPDATE SET following = p_following, version = f.version + 1
      WHERE f.following <> p_following
    RETURNING true INTO changed;
  changed := coalesce(changed, false);
  SELECT f.following, f.read_seq, f.version INTO following, read_seq, version FROM thread_follows f
    WHERE f.user_id = p_user AND f.room_id = p_room AND f.root = parley_follow_thread.root;
END $$;
--> statement-breakpoint

-- Gathers replies from before there were threads into threads, up to p_limit messages at a time, in the order of their ids. Returns how
-- many it has looked at; fewer than p_limit once it is done. A reply has a higher id than what it replies to, so its target has been
-- here before it. Nobody follows these threads yet.
--
-- Clients are not told: whoever reads the messages afterwards sees the threads.
CREATE OR REPLACE FUNCTION parley_gather_threads(p_limit int, OUT seen int) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_done bigint;
  v_until bigint;
  v_last bigint;
  v_root bigint;
  v_rooms bigint[];
  v_room bigint;
  r record;
BEGIN
  seen := 0;
  INSERT INTO thread_progress (one, done_id, until_id) SELECT true, 0, coalesce((SELECT max(id) FROM messages), 0)
    WHERE NOT EXISTS (SELECT FROM thread_progress) ON CONFLICT DO NOTHING;
  SELECT done_id, until_id INTO v_done, v_until FROM thread_progress FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR v_done >= v_until THEN RETURN; END IF;
  SELECT count(*), max(p.id) INTO seen, v_last FROM (
    SELECT id FROM messages WHERE id > v_done AND id <= v_until ORDER BY id LIMIT p_limit
  ) p;
  IF seen < p_limit THEN v_last := v_until; END IF;
  SELECT array_agg(DISTINCT m.room_id) INTO v_rooms
    FROM (SELECT * FROM messages WHERE id > v_done AND id <= v_last ORDER BY id LIMIT p_limit) m
    WHERE m.reply_to IS NOT NULL AND m.thread IS NULL;
  FOREACH v_room IN ARRAY coalesce(v_rooms, '{}') LOOP
    PERFORM FROM rooms WHERE id = v_room FOR UPDATE;
  END LOOP;
  FOR r IN
    SELECT m.* FROM (SELECT * FROM messages WHERE id > v_done AND id <= v_last ORDER BY id LIMIT p_limit) m
      WHERE m.reply_to IS NOT NULL AND m.thread IS NULL ORDER BY m.id
  LOOP
    v_root := parley_root(r.room_id, r.reply_to);
    CONTINUE WHEN v_root IS NULL;
    UPDATE messages SET thread = v_root WHERE room_id = r.room_id AND seq = r.seq;
    INSERT INTO thread_replies (room_id, root, gone, seq, sender_id) VALUES (r.room_id, v_root, r.deleted_at IS NOT NULL, r.seq, r.sender_id);
    CONTINUE WHEN r.deleted_at IS NOT NULL;
    -- The thread may have newer replies already.
    INSERT INTO thread_participants AS p (room_id, root, user_id, replies, first_seq) VALUES (r.room_id, v_root, r.sender_id, 1, r.seq)
      ON CONFLICT (room_id, root, user_id) DO UPDATE SET replies = p.replies + 1, first_seq = least(p.first_seq, excluded.first_seq);
    INSERT INTO threads AS t (room_id, root, replies, participants, users, last_seq, last_at, changed_seq)
      VALUES (r.room_id, v_root, 1, 0, '{}', r.seq, r.created_at, r.seq)
      ON CONFLICT (room_id, root) DO UPDATE SET
        replies = t.replies + 1,
        last_seq = greatest(t.last_seq, excluded.last_seq), last_at = greatest(t.last_at, excluded.last_at),
        changed_seq = greatest(t.changed_seq, excluded.changed_seq);
    UPDATE threads t SET
        participants = t.participants + (p.replies = 1)::int,
        users = (SELECT array_agg(f.user_id ORDER BY f.first_seq) FROM (
          SELECT user_id, first_seq FROM thread_participants WHERE room_id = r.room_id AND root = v_root ORDER BY first_seq LIMIT 3
        ) f)
      FROM thread_participants p
      WHERE t.room_id = r.room_id AND t.root = v_root AND p.room_id = r.room_id AND p.root = v_root AND p.user_id = r.sender_id;
  END LOOP;
  UPDATE thread_progress SET done_id = v_last;
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
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- Moves the mark up to which a member of a room has read a thread; only forward, and not past the room's last number. The results are those
-- of parley_follow_thread. A mark is kept also if the user does not follow the thread.
CREATE OR REPLACE FUNCTION parley_read_thread(
  p_user bigint, p_room bigint, p_seq bigint, p_read bigint,
  OUT root bigint, OUT following boolean, OUT read_seq bigint, OUT version bigint, OUT changed boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_read bigint;
BEGIN
  changed := false;
  root := parley_root(p_room, p_seq);
  IF root IS NULL OR NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) THEN RETURN; END IF;
  SELECT least(p_read, r.last_seq) INTO v_read FROM rooms r WHERE r.id = p_room;
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    VALUES (p_user, p_room, parley_read_thread.root, false, v_read, 1)
    ON CONFLICT ON CONSTRAINT thread_follows_pkey DO UPDATE SET read_seq = v_read, version = f.version + 1 WHERE f.read_seq < v_read
    RETURNING true INTO changed;
  changed := coalesce(changed, false);
  SELECT f.following, f.read_seq, f.version INTO following, read_seq, version FROM thread_follows f
    WHERE f.user_id = p_user AND f.room_id = p_room AND f.root = parley_read_thread.root;
END $$;
--> statement-breakpoint

-- Adds replies, which have just been written, to their threads. The arrays are in the order of the replies: the room, the number of the
-- message that begins the thread, the reply's number, and its sender. In a room the numbers ascend. p_at is the time of all of them.
--
-- Call it under the rooms' locks: everything here changes under them alone, except that users may follow and read a thread meanwhile
-- (thread_follows), who lock one row and then nothing else.
--
-- Whoever replies follows the thread from then on, and has read it up to there. So does the author of the message that begins it, unless
-- they have stopped to follow it.
CREATE OR REPLACE FUNCTION parley_reply(
  p_rooms bigint[], p_roots bigint[], p_seqs bigint[], p_senders bigint[], p_at timestamptz
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  INSERT INTO thread_replies (room_id, root, gone, seq, sender_id)
    SELECT r.room, r.root, false, r.seq, r.sender FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender);
  WITH came AS (
    INSERT INTO thread_participants AS p (room_id, root, user_id, replies, first_seq)
      SELECT r.room, r.root, r.sender, count(*), min(r.seq)
        FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender) GROUP BY r.room, r.root, r.sender
      ON CONFLICT (room_id, root, user_id) DO UPDATE SET replies = p.replies + excluded.replies
      -- A row that was inserted has no locker.
      RETURNING p.room_id, p.root, p.user_id, p.first_seq, p.xmax = 0 AS is_new
  )
  INSERT INTO threads AS t (room_id, root, replies, participants, users, last_seq, last_at, changed_seq)
    SELECT g.room, g.root, g.replies, n.count, n.users, g.last, p_at, g.last
      FROM (
        SELECT r.room, r.root, count(*) AS replies, max(r.seq) AS last
          FROM unnest(p_rooms, p_roots, p_seqs) AS r(room, root, seq) GROUP BY r.room, r.root
      ) g CROSS JOIN LATERAL (
        SELECT count(*) AS count, coalesce((array_agg(c.user_id ORDER BY c.first_seq))[1:3], '{}') AS users
          FROM came c WHERE c.room_id = g.room AND c.root = g.root AND c.is_new
      ) n
    ON CONFLICT (room_id, root) DO UPDATE SET
      replies = t.replies + excluded.replies, participants = t.participants + excluded.participants,
      users = (t.users || excluded.users)[1:3], last_seq = excluded.last_seq, last_at = excluded.last_at,
      changed_seq = excluded.changed_seq;
  PERFORM parley_begin_following(
    array_agg(f.usr), array_agg(f.room), array_agg(f.root), array_agg(f.red), array_agg(f.again)
  ) FROM (
    SELECT r.sender AS usr, r.room, r.root, max(r.seq) AS red, 1 AS again
      FROM unnest(p_rooms, p_roots, p_seqs, p_senders) AS r(room, root, seq, sender) GROUP BY r.sender, r.room, r.root
    UNION ALL
    SELECT m.sender_id, g.room, g.root, g.root, 0
      FROM (SELECT DISTINCT r.room, r.root FROM unnest(p_rooms, p_roots) AS r(room, root)) g
      CROSS JOIN LATERAL (SELECT sender_id FROM messages WHERE room_id = g.room AND seq = g.root LIMIT 1) m
      -- One's own replies are above.
      WHERE NOT EXISTS (
        SELECT FROM unnest(p_rooms, p_roots, p_senders) AS r(room, root, sender)
          WHERE r.room = g.room AND r.root = g.root AND r.sender = m.sender_id)
  ) f;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_revise_message;
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
    RETURNING m.edited_at, m.deleted_at, m.details::text, m.thread INTO edited, deleted, details, v_thread;
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
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
--> statement-breakpoint

-- Returns the number of the message that begins the thread of a reply to p_reply; null if there is no such message. A reply to a reply
-- belongs to the thread of that one.
--
-- Replies from before there were threads have no thread until parley_gather_threads has been there. Their targets are followed, a
-- thousand at the most: what is beyond that begins a thread of its own.
CREATE OR REPLACE FUNCTION parley_root(p_room bigint, p_reply bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_seq bigint;
  v_next bigint := p_reply;
  v_thread bigint;
  v_reply bigint;
BEGIN
  FOR i IN 1 .. 1000 LOOP
    SELECT thread, reply_to INTO v_thread, v_reply FROM messages WHERE room_id = p_room AND seq = v_next;
    -- Rows that SQL has removed leave holes.
    IF NOT FOUND THEN RETURN v_seq; END IF;
    v_seq := v_next;
    IF v_thread IS NOT NULL THEN RETURN v_thread; END IF;
    IF v_reply IS NULL THEN RETURN v_seq; END IF;
    v_next := v_reply;
  END LOOP;
  RETURN v_seq;
END $$;
--> statement-breakpoint

-- Returns a thread as JSON: the number of its first message, how many replies and participants it has, the number and the time (in
-- milliseconds since 1970) of its latest reply (both null if none is left), the room's number at which it changed last, and the first
-- three participants with their ids and names (null if the user's row was removed). Returns null if nobody ever replied.
--
-- It is a function, not part of the calling statement, for the reason that parley_unread gives.
CREATE OR REPLACE FUNCTION parley_thread(p_room bigint, p_root bigint) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT json_build_array(
      t.root, t.replies, t.participants, t.last_seq, (extract(epoch FROM t.last_at) * 1000)::bigint, t.changed_seq,
      (SELECT coalesce(json_agg(json_build_array(u.id, (SELECT username FROM users WHERE id = u.id)) ORDER BY u.place), '[]')
        FROM unnest(t.users) WITH ORDINALITY AS u(id, place))
    )::text
    FROM threads t WHERE t.room_id = p_room AND t.root = p_root
  );
END $$;
--> statement-breakpoint

-- Counts the replies of others in a thread after p_read, without deleted ones: of the latest p_window replies, and at most p_most. Returns
-- null for null arguments.
CREATE OR REPLACE FUNCTION parley_thread_unread(p_room bigint, p_root bigint, p_user bigint, p_read bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM (
        SELECT sender_id FROM thread_replies WHERE room_id = p_room AND root = p_root AND NOT gone AND seq > p_read
          ORDER BY seq DESC LIMIT p_window
      ) latest WHERE sender_id <> p_user LIMIT p_most
    ) found
  );
END $$;
--> statement-breakpoint

-- Counts a member's unread messages: messages of others after p_read and among the last p_window numbers up to p_head, at most p_most,
-- without tombstones and without replies that are shown in their threads alone. Returns null for non-members (null arguments).
--
-- It is a function, not part of the calling statement, because the planner estimates it as so expensive that it would compile (JIT)
-- the whole statement first.
CREATE OR REPLACE FUNCTION parley_unread(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM messages
      WHERE room_id = p_room AND seq > p_read AND seq > p_head - p_window AND sender_id <> p_user AND deleted_at IS NULL
        AND in_room
      LIMIT p_most
    ) found
  );
END $$;
--> statement-breakpoint

-- Takes a reply that has just been deleted out of its thread. p_version is the room's number of the deletion. Call it under the room's
-- lock.
CREATE OR REPLACE FUNCTION parley_unreply(p_room bigint, p_root bigint, p_seq bigint, p_version bigint) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_sender bigint;
  v_left int;
BEGIN
  UPDATE thread_replies SET gone = true WHERE room_id = p_room AND root = p_root AND NOT gone AND seq = p_seq
    RETURNING sender_id INTO v_sender;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE thread_participants SET replies = replies - 1 WHERE room_id = p_room AND root = p_root AND user_id = v_sender
    RETURNING replies INTO v_left;
  IF v_left = 0 THEN
    DELETE FROM thread_participants WHERE room_id = p_room AND root = p_root AND user_id = v_sender;
    UPDATE threads SET participants = participants - 1, users = (
        SELECT coalesce(array_agg(p.user_id ORDER BY p.first_seq), '{}') FROM (
          SELECT user_id, first_seq FROM thread_participants WHERE room_id = p_room AND root = p_root ORDER BY first_seq LIMIT 3
        ) p
      ) WHERE room_id = p_room AND root = p_root;
  END IF;
  UPDATE threads SET replies = replies - 1, changed_seq = p_version WHERE room_id = p_room AND root = p_root;
  UPDATE threads t SET last_seq = l.seq, last_at = (SELECT created_at FROM messages m WHERE m.room_id = p_room AND m.seq = l.seq)
    FROM (SELECT max(r.seq) AS seq FROM (
      SELECT seq FROM thread_replies WHERE room_id = p_room AND root = p_root AND NOT gone ORDER BY seq DESC LIMIT 1
    ) r) l
    WHERE t.room_id = p_room AND t.root = p_root AND t.last_seq = p_seq;
END $$;
