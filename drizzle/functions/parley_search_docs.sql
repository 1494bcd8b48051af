-- Returns the ids of the messages in search_docs that have all of p_keys and one of each of the other arrays, from p_first up to, but not
-- with, p_end; the newest first. It only ever reads the index of keys, whatever the planner's statistics say: conditions on ids are
-- written so that no index has them.
CREATE OR REPLACE FUNCTION parley_search_docs(
  p_keys int[], p_some int[], p_others int[], p_rooms int[], p_first bigint, p_end bigint
) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
SET plan_cache_mode = force_generic_plan SET jit = off SET max_parallel_workers_per_gather = 0
AS $$
BEGIN
  RETURN (
    SELECT array_agg(d.id ORDER BY d.id DESC) FROM search_docs d
      WHERE d.keys @> p_keys AND d.keys && p_some AND d.keys && p_others AND d.keys && p_rooms
        AND d.id + 0 >= p_first AND d.id + 0 < p_end
  );
END $$;
