-- Returns an id that divides messages by their time: those with lower ids were sent before p_at, the others then or later. Ids ascend with
-- time but for what is sent within a moment, so this looks up some thirty messages. Returns 0 if there is no message.
CREATE OR REPLACE FUNCTION parley_message_from(p_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_low bigint := (SELECT m.id FROM messages m ORDER BY m.id LIMIT 1);
  v_high bigint := (SELECT m.id + 1 FROM messages m ORDER BY m.id DESC LIMIT 1);
  v_middle bigint;
  r record;
BEGIN
  WHILE v_low < v_high LOOP
    v_middle := (v_low + v_high) / 2;
    SELECT m.id, m.created_at INTO r FROM messages m WHERE m.id >= v_middle ORDER BY m.id LIMIT 1;
    IF r.created_at < p_at THEN v_low := r.id + 1; ELSE v_high := v_middle; END IF;
  END LOOP;
  RETURN coalesce(v_low, 0);
END $$;
