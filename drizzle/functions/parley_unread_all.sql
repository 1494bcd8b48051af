-- Counts all unread messages of a member of a direct chat: the other user's messages after p_read, without tombstones. p_head is the
-- room's last number, p_low the user with the lower id. Reads the counts of whole blocks, and the messages of at most one block at
-- either end, however many messages are unread. Returns null for non-members (null arguments).
CREATE OR REPLACE FUNCTION parley_unread_all(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_low bigint) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- Between them are whole blocks.
  v_first bigint := (p_read + 1023) / 1024 * 1024;
  v_last bigint := greatest(v_first, p_head / 1024 * 1024);
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM messages WHERE room_id = p_room AND seq > p_read AND seq <= v_first
      AND sender_id <> p_user AND deleted_at IS NULL
  ) + (
    SELECT count(*) FROM messages WHERE room_id = p_room AND seq > v_last
      AND sender_id <> p_user AND deleted_at IS NULL
  ) + (
    SELECT coalesce(sum(CASE WHEN p_user = p_low THEN messages - of_low ELSE of_low END), 0) FROM message_blocks
      WHERE room_id = p_room AND block >= v_first / 1024 AND block < v_last / 1024
  );
END $$;
