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
