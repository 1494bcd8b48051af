-- Claims ranges of ids whose messages may be missing from search_docs, the newest first, for p_seconds: at most p_limit, and as many as
-- have p_ids ids together, but always one. Ranges that others have claimed are left out. Returns the queue's ids of the ranges, and the
-- ranges.
CREATE OR REPLACE FUNCTION parley_search_claim(
  p_limit int, p_ids bigint, p_seconds int, OUT queued bigint[], OUT firsts bigint[], OUT lasts bigint[]
) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  SELECT coalesce(array_agg(f.id), '{}'), coalesce(array_agg(f.first_id), '{}'), coalesce(array_agg(f.last_id), '{}')
    INTO queued, firsts, lasts FROM (
      SELECT w.*, sum(w.last_id - w.first_id + 1) OVER (ORDER BY w.id DESC) - (w.last_id - w.first_id + 1) AS before FROM (
        SELECT * FROM search_queue o WHERE coalesce(o.claimed_until < clock_timestamp(), true)
          ORDER BY o.id DESC LIMIT p_limit FOR UPDATE SKIP LOCKED
      ) w
    ) f WHERE f.before < p_ids;
  UPDATE search_queue q SET claimed_until = clock_timestamp() + p_seconds * interval '1 second' WHERE q.id = ANY (queued);
END $$;
