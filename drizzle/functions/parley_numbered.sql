-- Finds the message of a room that has exactly p_offset newer messages, tombstones not counted. seq is its number, or null if the
-- room has no more than p_offset messages; count is the room's number of messages. Reads the counts of whole blocks and the messages
-- of one block, however far back that is.
CREATE OR REPLACE FUNCTION parley_numbered(p_room bigint, p_offset bigint, OUT count bigint, OUT seq bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_upto bigint;
  v_newer bigint := 0;
  v_found record;
BEGIN
  SELECT r.message_count, r.last_seq INTO count, v_upto FROM rooms r WHERE r.id = p_room;
  IF p_offset >= count THEN RETURN; END IF;
  IF p_offset >= 1024 THEN
    -- The messages of the last block, which has not come to its end.
    v_newer := count - (SELECT coalesce(sum(b.messages), 0) FROM message_blocks b WHERE b.room_id = p_room);
    IF p_offset >= v_newer THEN
      SELECT b.block, b.since - b.messages AS since INTO v_found FROM (
          SELECT c.block, c.messages, sum(c.messages) OVER (ORDER BY c.block DESC) AS since
            FROM message_blocks c WHERE c.room_id = p_room
        ) b WHERE v_newer + b.since > p_offset ORDER BY b.block DESC LIMIT 1;
      v_upto := (v_found.block + 1) * 1024;
      v_newer := v_newer + v_found.since;
    ELSE
      v_newer := 0;
    END IF;
  END IF;
  SELECT m.seq INTO seq FROM messages m WHERE m.room_id = p_room AND m.seq <= v_upto AND m.deleted_at IS NULL
    ORDER BY m.seq DESC OFFSET p_offset - v_newer LIMIT 1;
END $$;
