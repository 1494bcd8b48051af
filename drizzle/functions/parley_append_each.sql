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
