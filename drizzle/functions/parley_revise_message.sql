-- Replaces a message's body and some of its details, or leaves a tombstone when p_body is null. Of the details, p_details holds those
-- that are replaced, with null for those that are removed; the others stay. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. details are those that the message has afterwards. A deleted message no
-- longer counts in message_count, it has no details, nothing is shown of its reactions, it is not pinned any more, and its attachments
-- end. thread_now is the thread of a reply afterwards, as parley_thread shows it; null for other messages.
--
-- p_details->expected, if it is there, is the version of the message that p_body was taken from. Raises PA001 if that is no longer its
-- latest: another edit has come in between. It is not stored.
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
  v_changed jsonb := p_details::jsonb - 'reached' - 'expected';
  v_expected bigint := p_details::jsonb -> 'expected';
  v_message bigint;
  v_sender bigint;
  v_removed text[] := ARRAY(SELECT d.key FROM jsonb_each(v_changed) d WHERE d.value = 'null');
BEGIN
  v_next := parley_lock(p_room) + 1;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  IF v_expected IS NOT NULL AND v_expected <> (SELECT coalesce(m.version_seq, m.seq) FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq) THEN
    RAISE EXCEPTION 'the message has changed' USING ERRCODE = 'PA001';
  END IF;
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
      DELETE FROM pins WHERE room_id = p_room AND seq = p_seq;
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
