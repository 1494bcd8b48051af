-- Replaces a message's body, or leaves a tombstone when p_body is null. version is the room's number of this change; it is null
-- when the message does not exist or is deleted already. A deleted message no longer counts in message_count, and
-- nothing is shown of its reactions.
CREATE OR REPLACE FUNCTION parley_revise(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
  v_at timestamptz;
BEGIN
  v_next := parley_lock(p_room) + 1;
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  v_at := date_trunc('milliseconds', clock_timestamp());
  UPDATE messages SET version_seq = v_next, body = coalesce(p_body, ''),
      edited_at = CASE WHEN p_body IS NULL THEN edited_at ELSE v_at END,
      deleted_at = CASE WHEN p_body IS NULL THEN v_at END
    WHERE room_id = p_room AND seq = p_seq AND deleted_at IS NULL
    RETURNING edited_at, deleted_at INTO edited, deleted;
  IF FOUND THEN
    version := v_next;
    IF p_body IS NULL THEN
      UPDATE reaction_summaries SET gone = true WHERE room_id = p_room AND seq = p_seq;
    END IF;
    UPDATE rooms SET last_seq = v_next, message_count = message_count - (p_body IS NULL)::int WHERE id = p_room;
  END IF;
END $$;
