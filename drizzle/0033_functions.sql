-- oldest build: 17
--
-- Removes up to p_limit former texts of messages that were replaced more than p_days days ago. Returns how many it removed.
CREATE OR REPLACE FUNCTION parley_forget_revisions(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_revisions WHERE (room_id, seq, version) IN (
    SELECT r.room_id, r.seq, r.version FROM message_revisions r
      WHERE r.replaced_at < now() - p_days * interval '1 day' ORDER BY r.replaced_at LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
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
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
--> statement-breakpoint

-- What nodes of build 29 and before call instead of parley_revise_message: the details stay, and nothing is kept of what the message
-- said. Goes once the window of versions begins after it.
CREATE OR REPLACE FUNCTION parley_revise(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.version, r.edited, r.deleted INTO version, edited, deleted
    FROM parley_revise_message(p_room, p_seq, p_actor, p_actor_role, p_body, NULL, NULL) r;
END $$;
--> statement-breakpoint

DROP FUNCTION parley_revise_message;
--> statement-breakpoint

-- Replaces a message's body and some of its details, or leaves a tombstone when p_body is null. Of the details, p_details holds those
-- that are replaced, with null for those that are removed; the others stay. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. details are those that the message has afterwards. A deleted message no
-- longer counts in message_count, it has no details, and nothing is shown of its reactions.
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
    END IF;
    IF p_body IS NULL OR p_kept IS NOT NULL THEN
      DELETE FROM message_revisions r WHERE r.room_id = p_room AND r.seq = p_seq AND (p_body IS NULL OR r.version <= (
        SELECT o.version FROM message_revisions o WHERE o.room_id = p_room AND o.seq = p_seq
          ORDER BY o.version DESC OFFSET p_kept LIMIT 1));
    END IF;
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
