-- Counts the messages that mention a member: by name, by @online or by @room, after p_read and among the last p_window numbers up to
-- p_head, at most p_most. A message counts once, and @room does not count if the member blocks its sender now; parley_note_mentions leaves
-- out the others. Of the messages that say @room it looks at the latest p_most. Returns null for non-members (null arguments).
--
-- A function for the reason that parley_unread gives. A member who was never mentioned costs a look into each of two indexes.
CREATE OR REPLACE FUNCTION parley_mentions(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM (
      SELECT seq FROM (
        SELECT seq FROM mentions
        WHERE user_id = p_user AND room_id = p_room AND seq > p_read AND seq > p_head - p_window AND seq <= p_head
        LIMIT p_most
      ) own
      UNION
      SELECT seq FROM (
        SELECT seq FROM (
          SELECT seq, sender_id FROM room_mentions
          WHERE room_id = p_room AND seq > p_read AND seq > p_head - p_window AND seq <= p_head AND sender_id <> p_user
          ORDER BY seq DESC LIMIT p_most
        ) latest
        WHERE (SELECT true FROM user_blocks WHERE user_id = p_user AND blocked_id = latest.sender_id LIMIT 1) IS NULL
        LIMIT p_most
      ) everyones
      LIMIT p_most
    ) found
  );
END $$;
