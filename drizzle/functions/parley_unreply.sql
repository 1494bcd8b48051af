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
