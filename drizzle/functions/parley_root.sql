-- Returns the number of the message that begins the thread of a reply to p_reply; null if there is no such message. A reply to a reply
-- belongs to the thread of that one.
--
-- Replies from before there were threads have no thread until parley_gather_threads has been there. Their targets are followed, a
-- thousand at the most: what is beyond that begins a thread of its own.
CREATE OR REPLACE FUNCTION parley_root(p_room bigint, p_reply bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_seq bigint;
  v_next bigint := p_reply;
  v_thread bigint;
  v_reply bigint;
BEGIN
  FOR i IN 1 .. 1000 LOOP
    SELECT thread, reply_to INTO v_thread, v_reply FROM messages WHERE room_id = p_room AND seq = v_next;
    -- Rows that SQL has removed leave holes.
    IF NOT FOUND THEN RETURN v_seq; END IF;
    v_seq := v_next;
    IF v_thread IS NOT NULL THEN RETURN v_thread; END IF;
    IF v_reply IS NULL THEN RETURN v_seq; END IF;
    v_next := v_reply;
  END LOOP;
  RETURN v_seq;
END $$;
