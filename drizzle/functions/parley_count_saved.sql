-- Counts the messages that a user has saved, up to p_most.
CREATE OR REPLACE FUNCTION parley_count_saved(p_user bigint, p_most int) RETURNS int LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM private_entries e WHERE e.type = 'saved' AND e.user_id = p_user AND e.value IS NOT NULL LIMIT p_most
    ) found
  );
END $$;
