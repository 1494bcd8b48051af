-- oldest build: 17
DROP FUNCTION parley_append_each;
--> statement-breakpoint

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
      IF codes[i] <> 0 THEN CONTINUE; END IF;
      IF p_replies[i] IS NOT NULL AND parley_root(v_room, p_replies[i]) IS NULL THEN
        codes[i] := 5;
        CONTINUE;
      END IF;
      IF v_slow > 0 THEN
        waits[i] := parley_take_turn(v_room, p_senders[i], v_slow, v_at);
        IF waits[i] > 0 THEN codes[i] := 8; CONTINUE; END IF;
      END IF;
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
-- callers remember only who may post. A room in slow mode has another version at each append, so its senders are always looked up.
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
        SELECT d.place, d.sender FROM unnest(p_place, p_senders) AS d(place, sender) WHERE v_rules[d.place] > 0
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
--> statement-breakpoint

-- Blocks a user for another one (p_on), or ends that. changed is whether it was otherwise before. While one of two users blocks the other,
-- nobody may post in their direct chat: if that changes, room is the chat and seq the number of the event that tells it. too_many is
-- whether the user blocks p_most others already; then nothing changes.
--
-- Calls about the same two users take turns with each other and with parley_open_direct, so that no chat is opened past a block.
CREATE OR REPLACE FUNCTION parley_block(
  p_user bigint, p_other bigint, p_on boolean, p_most int,
  OUT changed boolean, OUT too_many boolean, OUT room bigint, OUT seq bigint, OUT at timestamptz, OUT posts text
) LANGUAGE plpgsql AS $$
DECLARE
  v_posting text;
BEGIN
  PERFORM parley_pair_lock(p_user, p_other);
  at := date_trunc('milliseconds', clock_timestamp());
  too_many := false;
  IF NOT p_on THEN
    DELETE FROM user_blocks WHERE user_id = p_user AND blocked_id = p_other;
    changed := FOUND;
  ELSE
    IF (SELECT count(*) FROM (SELECT FROM user_blocks WHERE user_id = p_user LIMIT p_most) b) >= p_most THEN
      too_many := NOT EXISTS (SELECT FROM user_blocks WHERE user_id = p_user AND blocked_id = p_other);
      changed := false;
      IF too_many THEN RETURN; END IF;
    END IF;
    INSERT INTO user_blocks (user_id, blocked_id, created_at) VALUES (p_user, p_other, at) ON CONFLICT DO NOTHING;
    changed := FOUND;
  END IF;
  IF NOT changed THEN RETURN; END IF;
  SELECT r.id INTO room FROM rooms r
    WHERE r.direct_low = least(p_user, p_other) AND r.direct_high = greatest(p_user, p_other) AND r.direct_low IS NOT NULL;
  IF NOT FOUND THEN RETURN; END IF;
  seq := parley_lock(room) + 1;
  posts := CASE WHEN parley_blocked(p_user, p_other) THEN 'nobody' ELSE 'everyone' END;
  SELECT r.posting INTO v_posting FROM rooms r WHERE r.id = room;
  IF v_posting = posts THEN
    room := NULL; seq := NULL;
    RETURN;
  END IF;
  UPDATE rooms SET last_seq = parley_block.seq, posting = posts, member_version = floor(random() * 9007199254740991) + 1 WHERE id = room;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (room, seq, NULL, p_user, 'rules', NULL, at, jsonb_build_object('posting', posts, 'slow_mode', 0));
END $$;
--> statement-breakpoint

-- Returns whether one of two users blocks the other.
CREATE OR REPLACE FUNCTION parley_blocked(p_one bigint, p_other bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_blocks WHERE user_id = p_one AND blocked_id = p_other)
    OR EXISTS (SELECT FROM user_blocks WHERE user_id = p_other AND blocked_id = p_one);
END $$;
--> statement-breakpoint

-- Creates a room. Its first change is the owner's joining (if p_creator is not null), followed by the invitations. Raises a unique
-- violation if the creator may see a room with an equal name, or if a public room's name looks like it. Two ASCII names never count
-- as looking alike. Rooms that the creator may not see do not count, so nobody learns from a refusal that they exist.
--
-- Simultaneous calls for names that are equal or look alike take turns. A node of the version before gives no keys. It is refused
-- the exact name of any room. numbers are the owner's and the invited users' own (parley_note_memberships).
-- Raises PA013 if one of the invited users blocks the creator.
CREATE OR REPLACE FUNCTION parley_create_room(
  p_name text, p_kind text, p_creator bigint, p_description text, p_avatar text, p_invited bigint[],
  p_key text DEFAULT NULL, p_look_alike text DEFAULT NULL, OUT room bigint, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_at timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_last bigint := 0;
  v_user bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(t.turn) FROM (
    SELECT DISTINCT hashtextextended(k.key, 0) AS turn FROM unnest(ARRAY[coalesce(p_key, p_name), p_look_alike]) AS k(key)
      WHERE k.key IS NOT NULL ORDER BY turn
  ) t;
  IF (SELECT f.visible FROM parley_find_room(p_name, p_key, p_creator) f)
    OR (SELECT true FROM rooms r WHERE r.look_alike = p_look_alike AND r.kind = 'public'
      AND octet_length(r.name || p_name) > char_length(r.name || p_name) LIMIT 1) IS NOT NULL
    OR p_key IS NULL AND (SELECT true FROM rooms r WHERE r.name = p_name AND r.deleted_at IS NULL LIMIT 1) IS NOT NULL
  THEN RAISE EXCEPTION 'the name is taken' USING ERRCODE = '23505'; END IF;
  INSERT INTO rooms (name, name_key, look_alike, kind, creator_id, description, avatar, created_at, updated_at)
    VALUES (p_name, p_key, p_look_alike, p_kind, p_creator, p_description, p_avatar, v_at, v_at) RETURNING id INTO room;
  IF p_creator IS NOT NULL THEN
    PERFORM parley_expect_unblocked(p_creator, p_invited);
    v_last := 1;
    INSERT INTO members (room_id, user_id, role, read_seq, delivered_seq, joined_at)
      VALUES (room, p_creator, 'owner', 1, 1, v_at);
    INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
      VALUES (room, 1, p_creator, p_creator, 'joined', 'owner', v_at);
    FOREACH v_user IN ARRAY p_invited LOOP
      v_last := v_last + 1;
      INSERT INTO invitations (room_id, user_id, invited_by) VALUES (room, v_user, p_creator);
      INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
        VALUES (room, v_last, v_user, p_creator, 'invited', NULL, v_at);
    END LOOP;
  END IF;
  UPDATE rooms SET last_seq = v_last, member_count = (p_creator IS NOT NULL)::int WHERE id = room;
  IF p_creator IS NOT NULL THEN
    numbers := parley_note_memberships(
      room, p_creator || p_invited, ARRAY['joined'] || array_fill('invited'::text, ARRAY[cardinality(p_invited)]),
      ARRAY['owner'] || array_fill(NULL::text, ARRAY[cardinality(p_invited)]), p_creator, v_at);
  END IF;
END $$;
--> statement-breakpoint

-- Changes a room's description, avatar and metadata (null leaves one unchanged, the metadata 'null' removes it) and returns them as they
-- are afterwards.
CREATE OR REPLACE FUNCTION parley_describe_room(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text, p_metadata text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text, OUT annotated text
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
    VALUES (p_room, seq, p_actor, p_actor, 'described', NULL, at);
  UPDATE rooms SET last_seq = parley_describe_room.seq, updated_at = at,
      description = coalesce(p_description, description), avatar = coalesce(p_avatar, avatar),
      metadata = nullif(coalesce(p_metadata, metadata), 'null')
    WHERE id = p_room RETURNING description, avatar, metadata INTO described, pictured, annotated;
  INSERT INTO room_audit (room_id, actor_id, action, created_at) VALUES (p_room, p_actor, 'describe', at);
END $$;
--> statement-breakpoint

-- Raises PA013 if one of the users blocks the actor.
CREATE OR REPLACE FUNCTION parley_expect_unblocked(p_actor bigint, p_users bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(p_users) AS w(usr) JOIN user_blocks b ON b.user_id = w.usr AND b.blocked_id = p_actor) THEN
    RAISE EXCEPTION 'one of the users blocks the actor' USING ERRCODE = 'PA013';
  END IF;
END $$;
--> statement-breakpoint

-- Raises PA011, PA012 or PA013 unless the user may speak in the room (parley_voice); the detail is the number of milliseconds until they
-- may. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_expect_voice(p_room bigint, p_user bigint, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v record;
BEGIN
  v := parley_voice(p_room, p_user, p_at);
  IF v.code = 7 THEN RAISE EXCEPTION 'the user is muted' USING ERRCODE = 'PA011', DETAIL = v.wait::text; END IF;
  IF v.code = 9 THEN RAISE EXCEPTION 'only the staff may post' USING ERRCODE = 'PA012'; END IF;
  IF v.code = 10 THEN RAISE EXCEPTION 'one of the users blocks the other' USING ERRCODE = 'PA013'; END IF;
END $$;
--> statement-breakpoint

-- Invites the users in p_users who are neither members nor invited, in the order given, each at its own number. Returns the invited
-- users, the room's numbers, and the users' own (parley_note_memberships). If nobody was newly invited, nothing changes.
-- Raises PA004 when a plain member invites someone who was removed, PA015 when one of the users is banned, and PA013 when one of them
-- blocks the actor.
CREATE OR REPLACE FUNCTION parley_invite(
  p_room bigint, p_actor bigint, p_actor_role text, p_users bigint[],
  OUT invited bigint[], OUT seqs bigint[], OUT at timestamptz, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
  v_user bigint;
BEGIN
  v_last := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  invited := '{}'; seqs := '{}'; numbers := '{}';
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  IF p_actor_role = 'member' AND EXISTS (SELECT FROM removals WHERE room_id = p_room AND user_id = ANY (p_users)) THEN
    RAISE EXCEPTION 'the user was removed' USING ERRCODE = 'PA004';
  END IF;
  IF EXISTS (SELECT FROM bans b WHERE b.room_id = p_room AND b.user_id = ANY (p_users) AND (b.until IS NULL OR b.until > at)) THEN
    RAISE EXCEPTION 'the user is banned' USING ERRCODE = 'PA015';
  END IF;
  PERFORM parley_expect_unblocked(p_actor, p_users);
  FOREACH v_user IN ARRAY p_users LOOP
    IF NOT EXISTS (SELECT FROM members WHERE room_id = p_room AND user_id = v_user) THEN
      INSERT INTO invitations (room_id, user_id, invited_by) VALUES (p_room, v_user, p_actor) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        v_last := v_last + 1;
        invited := invited || v_user; seqs := seqs || v_last;
        INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
          VALUES (p_room, v_last, v_user, p_actor, 'invited', NULL, at);
      END IF;
    END IF;
  END LOOP;
  IF cardinality(invited) > 0 THEN
    UPDATE rooms SET last_seq = v_last, updated_at = at WHERE id = p_room;
    numbers := parley_note_memberships(
      p_room, invited, array_fill('invited'::text, ARRAY[cardinality(invited)]),
      array_fill(NULL::text, ARRAY[cardinality(invited)]), p_actor, at);
  END IF;
END $$;
--> statement-breakpoint

-- Notes whom a message mentions, and forgets whom it no longer mentions. p_details has `mentions`, with `users` (each with `id`), `room`
-- and `online`; and `reached`, the ids of the members whom @online reaches. It is null if the message is deleted. Without `reached` those
-- whom @online has reached before stay. Call it under the room's lock. The sender is not mentioned to themselves, nor
-- to users who block the sender.
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
        AND NOT EXISTS (SELECT FROM user_blocks b WHERE b.user_id = w.usr AND b.blocked_id = p_sender)
    ON CONFLICT (room_id, seq, user_id) DO UPDATE SET named = m.named OR excluded.named, online = m.online OR excluded.online;
  IF v_room THEN
    INSERT INTO room_mentions (room_id, seq, message_id, sender_id) VALUES (p_room, p_seq, p_message, p_sender) ON CONFLICT DO NOTHING;
  END IF;
END $$;
--> statement-breakpoint

-- Returns the direct chat of two users, and creates it if there is none. Of several simultaneous calls one creates it. room is null
-- when another transaction created it after this statement began; the caller then reads it in a new statement. numbers are the
-- opener's and the other user's own (parley_note_memberships), null if the chat was there.
-- Raises PA013 if there is none and one of the users blocks the other.
CREATE OR REPLACE FUNCTION parley_open_direct(
  p_opener bigint, p_other bigint, OUT room bigint, OUT made boolean, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_pair_lock(p_opener, p_other);
  IF parley_blocked(p_opener, p_other) AND NOT EXISTS (
    SELECT FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL
  ) THEN RAISE EXCEPTION 'one of the users blocks the other' USING ERRCODE = 'PA013'; END IF;
  INSERT INTO rooms (kind, creator_id, direct_low, direct_high, member_count)
    VALUES ('direct', p_opener, least(p_opener, p_other), greatest(p_opener, p_other), 2)
    ON CONFLICT (direct_low, direct_high) WHERE direct_low IS NOT NULL DO NOTHING RETURNING id INTO room;
  made := FOUND;
  IF made THEN
    INSERT INTO members (room_id, user_id, role) VALUES (room, p_opener, 'member'), (room, p_other, 'member');
    numbers := parley_note_memberships(
      room, ARRAY[p_opener, p_other], ARRAY['joined', 'joined'], ARRAY['member', 'member'], p_opener,
      date_trunc('milliseconds', clock_timestamp()));
  ELSE
    SELECT id INTO room FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL;
  END IF;
END $$;
--> statement-breakpoint

-- Lets calls about the same two users take turns until the transaction ends. Taken before the lock of any room.
CREATE OR REPLACE FUNCTION parley_pair_lock(p_one bigint, p_other bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('pair ' || least(p_one, p_other) || ' ' || greatest(p_one, p_other), 0));
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
  DELETE FROM room_audit WHERE room_id = v_room AND id IN
    (SELECT a.id FROM room_audit a WHERE a.room_id = v_room ORDER BY a.id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_reports WHERE room_id = v_room AND id IN
    (SELECT p.id FROM room_reports p WHERE p.room_id = v_room ORDER BY p.id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM slow_sends WHERE room_id = v_room AND user_id IN
    (SELECT s.user_id FROM slow_sends s WHERE s.room_id = v_room ORDER BY s.user_id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- Adds and removes reactions to messages of one room. Each message of which something changes gets one event at the room's next number,
-- with everything that this call changes of it, so what is stored has always been told.
--
-- p_messages are different messages. Each reaction has its message's index there (p_place, from 1), its user, its name, and 1 to add it or
-- 0 to remove it (p_on); a user and a name occur once for each message. p_window is the least number of milliseconds between two events
-- about one message, whichever nodes write them. p_own is the most reactions of one user to a message, p_kinds the most different ones.
--
-- Returns one code per reaction: 0 changed, 1 so already, 2 the user is not a member, 3 no such message, or it is deleted, 4 too many of
-- one user, 5 too many different ones, 6 too soon: to be repeated after the message's `waits` milliseconds, 7 the user is muted, 8 one of a
-- direct chat's two users blocks the other. Per message it returns the
-- number of its event, or 0, and its reactions as parley_reactions shows them. head is the room's last number afterwards. Raises PA002 as
-- parley_lock does.
--
-- A user has few reactions to a message, and a reaction has many users. So a user's own ones are looked up by the primary key: their names
-- are compared as an expression, so that the planner cannot take the index on names. Names are looked up in the order of that index, so
-- that it cannot take the primary key.
CREATE OR REPLACE FUNCTION parley_react(
  p_room bigint, p_messages bigint[], p_place int[], p_users bigint[], p_reactions text[], p_on int[],
  p_window int, p_own int, p_kinds int,
  OUT codes int[], OUT seqs bigint[], OUT waits int[], OUT shown text, OUT head bigint, OUT at timestamptz
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_closed boolean;
  v_there boolean[];
  v_present text[];
  v_kinds bigint[];
  v_actor bigint;
  v_changed jsonb;
  v_names text[];
  v_counts int[];
  v_shown jsonb := '[]';
BEGIN
  head := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  SELECT r.posting = 'nobody' INTO v_closed FROM rooms r WHERE r.id = p_room;
  SELECT array_agg(x.there ORDER BY x.ord), array_agg(x.wait ORDER BY x.ord) INTO v_there, waits FROM (
    SELECT w.ord, EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.seq = w.message AND m.deleted_at IS NULL) AS there,
      -- The clock may have been set back.
      coalesce((
        SELECT greatest(0, least(p_window, p_window - ceil(extract(epoch FROM at - s.told_at) * 1000)::int))
        FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = w.message
      ), 0) AS wait
    FROM unnest(p_messages) WITH ORDINALITY AS w(message, ord)
  ) x;
  -- Whether a message is there is for members to know.
  SELECT array_agg(CASE
      WHEN NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = w.usr) THEN 2
      WHEN v_closed THEN 8
      WHEN EXISTS (SELECT FROM mutes u WHERE u.room_id = p_room AND u.user_id = w.usr AND (u.until IS NULL OR u.until > at)) THEN 7
      WHEN NOT v_there[w.place] THEN 3
      WHEN EXISTS (
        SELECT FROM reactions r
        WHERE r.room_id = p_room AND r.seq = p_messages[w.place] AND r.user_id = w.usr AND r.reaction || '' = w.reaction
      ) = (w.is_on = 1) THEN 1
      WHEN waits[w.place] > 0 THEN 6
      ELSE 0 END ORDER BY w.ord) INTO codes
    FROM unnest(p_place, p_users, p_reactions, p_on) WITH ORDINALITY AS w(place, usr, reaction, is_on, ord);
  -- Removed first, so that a user at the limit can exchange one for another.
  DELETE FROM reactions r USING unnest(p_place, p_users, p_reactions, p_on, codes) AS w(place, usr, reaction, is_on, code)
    WHERE w.code = 0 AND w.is_on = 0
      AND r.room_id = p_room AND r.seq = p_messages[w.place] AND r.user_id = w.usr AND r.reaction || '' = w.reaction;
  -- What each message has then, as its place and the name.
  SELECT coalesce(array_agg(w.place || ' ' || k.reaction), '{}') INTO v_present
    FROM unnest(p_messages) WITH ORDINALITY AS w(message, place)
    CROSS JOIN LATERAL (SELECT s.reactions FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = w.message LIMIT 1) s
    CROSS JOIN unnest(s.reactions) AS k(reaction)
    WHERE (
      SELECT r.id FROM reactions r WHERE r.room_id = p_room AND r.seq = w.message AND r.reaction = k.reaction ORDER BY r.id LIMIT 1
    ) IS NOT NULL;
  SELECT array_agg((SELECT count(*) FROM unnest(v_present) AS k(reaction) WHERE split_part(k.reaction, ' ', 1) = w.place::text)
    ORDER BY w.place) INTO v_kinds FROM unnest(p_messages) WITH ORDINALITY AS w(message, place);
  -- The first to come are those that fit. A name that is new to its message has its place among the new ones by its first use.
  SELECT array_agg(CASE
      WHEN NOT y.adds THEN y.code
      WHEN y.own > p_own THEN 4
      WHEN y.is_new AND v_kinds[y.place] + y.nth > p_kinds THEN 5
      ELSE 0 END ORDER BY y.ord) INTO codes
    FROM (
      SELECT x.*, dense_rank() OVER (PARTITION BY x.place, x.is_new ORDER BY x.first_use) AS nth
      FROM (
        SELECT w.*, min(w.ord) OVER (PARTITION BY w.place, w.reaction, w.is_new) AS first_use
        FROM (
          SELECT v.*, v.adds AND v.own <= p_own AND NOT (v.place || ' ' || v.reaction) = ANY (v_present) AS is_new
          FROM (
            SELECT u.ord, u.place, u.reaction, u.code, u.code = 0 AND u.is_on = 1 AS adds,
              row_number() OVER (PARTITION BY u.place, u.usr, u.code = 0 AND u.is_on = 1 ORDER BY u.ord) + CASE
                WHEN u.code = 0 AND u.is_on = 1 THEN (
                  SELECT count(*) FROM reactions r WHERE r.room_id = p_room AND r.seq = p_messages[u.place] AND r.user_id = u.usr
                ) ELSE 0 END AS own
            FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS u(place, usr, reaction, is_on, code, ord)
          ) v
        ) w
      ) x
    ) y;
  INSERT INTO reactions (room_id, seq, user_id, reaction, created_at)
    SELECT p_room, p_messages[w.place], w.usr, w.reaction, at
    FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS w(place, usr, reaction, is_on, code, ord)
    WHERE w.code = 0 AND w.is_on = 1 ORDER BY w.ord;
  FOR i IN 1 .. cardinality(p_messages) LOOP
    seqs[i] := 0;
    SELECT jsonb_agg(jsonb_build_array(c.reaction, c.added, c.removed) ORDER BY c.first_use), (array_agg(c.actor ORDER BY c.first_use))[1]
      INTO v_changed, v_actor FROM (
        SELECT w.reaction, min(w.ord) AS first_use, (array_agg(w.usr ORDER BY w.ord))[1] AS actor,
          coalesce(jsonb_agg(w.usr ORDER BY w.ord) FILTER (WHERE w.is_on = 1), '[]') AS added,
          coalesce(jsonb_agg(w.usr ORDER BY w.ord) FILTER (WHERE w.is_on = 0), '[]') AS removed
        FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS w(place, usr, reaction, is_on, code, ord)
        WHERE w.place = i AND w.code = 0 GROUP BY w.reaction
      ) c;
    IF v_changed IS NULL THEN
      v_shown := v_shown || jsonb_build_array(NULL);
      CONTINUE;
    END IF;
    head := head + 1;
    seqs[i] := head;
    INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
      VALUES (p_room, head, NULL, v_actor, 'reaction', NULL, at,
        jsonb_build_object('message', p_messages[i], 'changed', v_changed));
    SELECT s.reactions, s.counts INTO v_names, v_counts FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = p_messages[i];
    SELECT coalesce(array_agg(x.reaction ORDER BY x.place), '{}'), coalesce(array_agg(x.count ORDER BY x.place), '{}')
      INTO v_names, v_counts FROM (
        SELECT t.reaction, sum(t.count)::int AS count, min(t.place) AS place FROM (
          SELECT b.reaction, b.count, b.place FROM unnest(v_names, v_counts) WITH ORDINALITY AS b(reaction, count, place)
          UNION ALL
          SELECT c.value ->> 0, jsonb_array_length(c.value -> 1) - jsonb_array_length(c.value -> 2), 1000 + c.place
          FROM jsonb_array_elements(v_changed) WITH ORDINALITY AS c(value, place)
        ) t GROUP BY t.reaction HAVING sum(t.count) > 0
      ) x;
    INSERT INTO reaction_summaries (room_id, seq, reactions, counts, told_at) VALUES (p_room, p_messages[i], v_names, v_counts, at)
      ON CONFLICT (room_id, seq) DO UPDATE SET reactions = excluded.reactions, counts = excluded.counts, told_at = excluded.told_at;
    v_shown := v_shown || jsonb_build_array(parley_reactions(p_room, p_messages[i], NULL)::jsonb);
  END LOOP;
  shown := v_shown::text;
  -- Nothing is written if nothing has changed.
  UPDATE rooms SET last_seq = head WHERE id = p_room AND last_seq < head;
END $$;
--> statement-breakpoint

-- Bans, unbans, mutes or unmutes a user (p_act), with one event at the room's next number. Banning a member or someone who is invited ends
-- that first, with an event of its own at the number before: ended is its type, or null. p_until is in milliseconds since 1970, or null for
-- no end. A ban or mute that is there already is replaced. seq is null when there is nothing to lift; then nothing changes.
--
-- user_number is the user's own (parley_note_memberships), null if no membership or invitation has ended. Raises PA001 when a role or an
-- invitation is not as given, and PA002 as parley_lock does.
CREATE OR REPLACE FUNCTION parley_restrain(
  p_room bigint, p_actor bigint, p_actor_role text, p_user bigint, p_user_role text, p_user_invited boolean,
  p_act text, p_reason text, p_until bigint,
  OUT seq bigint, OUT at timestamptz, OUT ended text, OUT user_number bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint := parley_lock(p_room) + 1;
  v_until timestamptz := to_timestamp(p_until / 1000.0);
  v_type text := CASE p_act WHEN 'ban' THEN 'banned' WHEN 'unban' THEN 'unbanned' WHEN 'mute' THEN 'muted' ELSE 'unmuted' END;
BEGIN
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
  IF p_act = 'ban' THEN
    INSERT INTO bans (room_id, user_id, actor_id, reason, until, created_at) VALUES (p_room, p_user, p_actor, p_reason, v_until, at)
      ON CONFLICT (room_id, user_id) DO UPDATE SET
        actor_id = excluded.actor_id, reason = excluded.reason, until = excluded.until, created_at = excluded.created_at;
    IF p_user_role IS NOT NULL THEN
      ended := 'removed';
      DELETE FROM members WHERE room_id = p_room AND user_id = p_user;
    ELSIF p_user_invited THEN
      ended := 'uninvited';
      DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
    END IF;
    IF ended IS NOT NULL THEN
      INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at)
        VALUES (p_room, v_next, p_user, p_actor, ended, NULL, at);
      v_next := v_next + 1;
    END IF;
  ELSIF p_act = 'mute' THEN
    INSERT INTO mutes (room_id, user_id, actor_id, reason, until, created_at) VALUES (p_room, p_user, p_actor, p_reason, v_until, at)
      ON CONFLICT (room_id, user_id) DO UPDATE SET
        actor_id = excluded.actor_id, reason = excluded.reason, until = excluded.until, created_at = excluded.created_at;
  ELSIF p_act = 'unban' THEN
    DELETE FROM bans WHERE room_id = p_room AND user_id = p_user;
    IF NOT FOUND THEN RETURN; END IF;
  ELSE
    DELETE FROM mutes WHERE room_id = p_room AND user_id = p_user;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  seq := v_next;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (p_room, v_next, p_user, p_actor, v_type, p_user_role, at, jsonb_build_object('until', p_until));
  INSERT INTO room_audit (room_id, actor_id, action, user_id, detail, created_at)
    VALUES (p_room, p_actor, p_act, p_user, jsonb_build_object('reason', p_reason, 'until', p_until), at);
  UPDATE rooms SET last_seq = v_next, updated_at = at, member_count = member_count - (ended IS NOT DISTINCT FROM 'removed')::int
    WHERE id = p_room;
  IF ended IS NOT NULL THEN
    user_number := (parley_note_memberships(p_room, ARRAY[p_user], ARRAY[ended], ARRAY[NULL::text], p_actor, at))[1];
    PERFORM parley_end_private(p_room, ARRAY[p_user], at);
  END IF;
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
--
-- Raises PA011, PA012 or PA013 when a member who may not speak edits. A deletion by someone else than the sender is noted in
-- room_audit.
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
  IF p_body IS NOT NULL THEN PERFORM parley_expect_voice(p_room, p_actor, v_at); END IF;
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
      IF v_sender <> p_actor THEN
        INSERT INTO room_audit (room_id, actor_id, action, user_id, seq, created_at)
          VALUES (p_room, p_actor, 'delete_message', v_sender, p_seq, v_at);
      END IF;
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
--> statement-breakpoint

-- Gives the room another member_version when a member's role changes, since the role decides who may post where only the staff may. Roles
-- change one at a time; the functions here hold the room's lock already.
CREATE OR REPLACE FUNCTION parley_role_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rooms SET member_version = floor(random() * 9007199254740991) + 1 WHERE id = NEW.room_id;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Finds messages that a user may read, the newest first: those whose words have all of the grams p_keys and one of each of p_some and
-- p_others (null for none). Whoever calls it compares the words. p_room and p_sender narrow the search if they are not null, and p_files if it
-- is true: then it finds messages with files.
-- p_after and p_end are ids: it searches above the one and below the other. p_limit and p_text limit the messages and the length of their
-- bodies together; there is always one message.
--
-- Returns their ids, and in p_next the id below which it goes on; 0 if there is nothing more. It looks through blocks of ids, from the
-- newest on, and takes blocks eight times as large as long as it finds little, so that the most common word costs no more than the rarest.
-- p_ms limits the time: it is looked at after each block, so that a search ends after at most one block more.
--
-- The user must be a member of the room, or the room public and the user not banned from it, when the statement begins. Up to p_rooms of the user's rooms are keys of the search: then
-- messages of other rooms take no time, which could tell of them. A user in more rooms has each message that is found looked up.
CREATE OR REPLACE FUNCTION parley_search(
  p_user bigint, p_keys int[], p_some int[], p_others int[], p_room bigint, p_sender bigint, p_files boolean,
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
  IF p_files THEN v_keys := v_keys || parley_search_mark(7, 1); END IF;
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
          AND (NOT p_files OR m.details ? 'attachments')
          -- As values: for `exists` the planner may read all memberships of the user.
          AND ((SELECT b.user_id FROM members b WHERE b.room_id = o.id AND b.user_id = p_user LIMIT 1) IS NOT NULL
            OR o.kind = 'public' AND (
              SELECT n.user_id FROM bans n WHERE n.room_id = o.id AND n.user_id = p_user AND (n.until IS NULL OR n.until > now()) LIMIT 1
            ) IS NULL)
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

-- Sets one user's role to p_new_role, or ends the membership when it is null. Covers joining, leaving, removal and a change
-- of role. If the owner leaves, or hands ownership over, another member's role changes at the next number: other, other_role
-- and other_name. When an owner leaves, the admin who joined first becomes the owner, or the member who joined first if there is no
-- admin. user_number and other_number are the users' own (parley_note_memberships). Raises PA001 when a role or an invitation is not
-- as given, PA002 as parley_lock does, and PA004 when someone who was removed joins without an invitation.
-- Raises PA014 when someone who is banned joins, with the milliseconds until the ban ends, or 0, as the detail. What the staff does to
-- others is noted in room_audit.
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
  v_ban record;
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, p_actor_invited);
  PERFORM parley_expect(p_room, p_user, p_user_role, p_user_invited);
  IF p_change = 'removed' THEN
    INSERT INTO removals (room_id, user_id, removed_by, created_at) VALUES (p_room, p_user, p_actor, at)
      ON CONFLICT DO NOTHING;
  ELSIF p_user_role IS NULL THEN
    SELECT b.until INTO v_ban FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.until IS NULL OR b.until > at);
    IF FOUND THEN
      RAISE EXCEPTION 'the user is banned' USING ERRCODE = 'PA014',
        DETAIL = coalesce(ceil(extract(epoch FROM v_ban.until - at) * 1000), 0)::text;
    END IF;
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
  -- The owner is never muted.
  DELETE FROM mutes WHERE room_id = p_room AND (p_new_role = 'owner' AND user_id = p_user OR other_role = 'owner' AND user_id = other);
  DELETE FROM invitations WHERE room_id = p_room AND user_id = p_user;
  IF p_actor <> p_user THEN
    INSERT INTO room_audit (room_id, actor_id, action, user_id, detail, created_at)
      VALUES (p_room, p_actor, CASE p_change WHEN 'removed' THEN 'remove' ELSE p_change END, p_user,
        jsonb_build_object('role', coalesce(p_new_role, p_user_role)), at);
  END IF;
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

-- Changes who may post in a room, and its slow mode (null leaves one unchanged); returns both as they are afterwards.
CREATE OR REPLACE FUNCTION parley_set_rules(
  p_room bigint, p_actor bigint, p_actor_role text, p_posting text, p_slow_mode int,
  OUT seq bigint, OUT at timestamptz, OUT posts text, OUT slow int
) LANGUAGE plpgsql AS $$
BEGIN
  seq := parley_lock(p_room) + 1;
  at := date_trunc('milliseconds', clock_timestamp());
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET last_seq = parley_set_rules.seq, updated_at = at,
      posting = coalesce(p_posting, posting), slow_mode = coalesce(p_slow_mode, slow_mode),
      member_version = floor(random() * 9007199254740991) + 1
    WHERE id = p_room RETURNING posting, slow_mode INTO posts, slow;
  INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
    VALUES (p_room, seq, NULL, p_actor, 'rules', NULL, at, jsonb_build_object('posting', posts, 'slow_mode', slow));
  INSERT INTO room_audit (room_id, actor_id, action, detail, created_at)
    VALUES (p_room, p_actor, 'rules', jsonb_build_object('posting', posts, 'slow_mode', slow), at);
END $$;
--> statement-breakpoint

-- Takes a plain member's turn to send in a room in slow mode. Returns 0, or, if it is too soon and nothing was taken, the number of
-- milliseconds to wait. The room's staff does not wait. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_take_turn(p_room bigint, p_user bigint, p_seconds int, p_at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_wait bigint;
BEGIN
  IF (SELECT m.role FROM members m WHERE m.room_id = p_room AND m.user_id = p_user) <> 'member' THEN RETURN 0; END IF;
  -- The clock may have been set back.
  SELECT greatest(0, least(p_seconds * 1000, ceil(p_seconds * 1000 - extract(epoch FROM p_at - s.at) * 1000))) INTO v_wait
    FROM slow_sends s WHERE s.room_id = p_room AND s.user_id = p_user;
  IF v_wait > 0 THEN RETURN v_wait; END IF;
  INSERT INTO slow_sends (room_id, user_id, at) VALUES (p_room, p_user, p_at)
    ON CONFLICT (room_id, user_id) DO UPDATE SET at = excluded.at;
  RETURN 0;
END $$;
--> statement-breakpoint

-- Returns whether a user may speak in a room now: 0 yes, 2 not a member, 7 muted, 9 only the staff may post, 10 one of a direct chat's
-- two users blocks the other. wait is the number of milliseconds until a mute ends by itself, or 0. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_voice(p_room bigint, p_user bigint, p_at timestamptz, OUT code int, OUT wait bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_role text;
  v_posting text;
  v_mute record;
BEGIN
  wait := 0;
  SELECT m.role INTO v_role FROM members m WHERE m.room_id = p_room AND m.user_id = p_user;
  IF v_role IS NULL THEN code := 2; RETURN; END IF;
  SELECT r.posting INTO v_posting FROM rooms r WHERE r.id = p_room;
  IF v_posting = 'nobody' THEN code := 10; RETURN; END IF;
  SELECT u.until INTO v_mute FROM mutes u WHERE u.room_id = p_room AND u.user_id = p_user AND (u.until IS NULL OR u.until > p_at);
  IF FOUND THEN
    code := 7;
    wait := coalesce(ceil(extract(epoch FROM v_mute.until - p_at) * 1000), 0);
  ELSIF v_posting = 'staff' AND v_role = 'member' THEN
    code := 9;
  ELSE
    code := 0;
  END IF;
END $$;
