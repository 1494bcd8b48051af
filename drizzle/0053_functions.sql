-- oldest build: 17
--
-- Ends up to p_limit attachments that no message has taken within p_age_ms milliseconds, the oldest first, without waiting for those that
-- a message is just taking. Returns how many.
CREATE OR REPLACE FUNCTION parley_lapse_attachments(p_age_ms bigint, p_limit int, OUT gone int) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_id bigint;
BEGIN
  gone := 0;
  FOR v_id IN
    SELECT a.id FROM attachments a
      WHERE a.state IN ('new', 'stored') AND a.created_at <= clock_timestamp() - p_age_ms * interval '1 millisecond'
      ORDER BY a.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE attachments SET state = 'ended' WHERE id = v_id;
    gone := gone + 1;
  END LOOP;
END $$;
