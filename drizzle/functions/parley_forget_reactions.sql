-- Removes up to p_limit reactions to one deleted message, and finally its summary. Returns how many rows it removed.
CREATE OR REPLACE FUNCTION parley_forget_reactions(p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  v_room bigint;
  v_message bigint;
BEGIN
  gone := 0;
  SELECT s.room_id, s.seq INTO v_room, v_message FROM reaction_summaries s WHERE s.gone LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM reactions WHERE (room_id, seq, user_id, reaction) IN (
    SELECT r.room_id, r.seq, r.user_id, r.reaction FROM reactions r WHERE r.room_id = v_room AND r.seq = v_message LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone < p_limit THEN
    DELETE FROM reaction_summaries s WHERE s.room_id = v_room AND s.seq = v_message;
    gone := gone + 1;
  END IF;
END $$;
