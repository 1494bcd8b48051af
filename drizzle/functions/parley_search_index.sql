-- Adds messages to search_docs. p_versions holds the version_seq of each message at which its words were read, p_grams the grams of these
-- words, as arrays in text form. Messages that were edited or deleted since are left out: whatever changed them has queued them again.
-- p_queued are the ranges of search_queue that are done with, p_open those that are to be gone on with.
--
-- Each message's row is locked until the end, so that an edit or a deletion comes either before, and is seen here, or after, and removes
-- what is written here. Nothing waits for these few milliseconds but edits and deletions of the same messages.
--
-- If the server crashes, what the latest of these transactions have written may be lost, but then the ranges are still queued.
CREATE OR REPLACE FUNCTION parley_search_index(
  p_ids bigint[], p_versions bigint[], p_grams text[], p_queued bigint[], p_open bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off SET synchronous_commit = off
AS $$
BEGIN
  INSERT INTO search_docs (id, keys)
    SELECT m.id, w.grams::int[] || ARRAY[
        parley_search_mark(0, m.id / 4096), parley_search_mark(1, m.id / 32768), parley_search_mark(2, m.id / 262144),
        parley_search_mark(3, m.id / 2097152), parley_search_mark(4, m.id / 16777216),
        parley_search_mark(5, m.room_id), parley_search_mark(6, m.sender_id)
      ] || CASE WHEN r.kind = 'public' THEN ARRAY[parley_search_mark(7, 0)] ELSE '{}' END
        || CASE WHEN m.details ? 'attachments' THEN ARRAY[parley_search_mark(7, 1)] ELSE '{}' END
    FROM unnest(p_ids, p_versions, p_grams) WITH ORDINALITY AS w(id, version, grams, ord)
    CROSS JOIN LATERAL (
      SELECT * FROM messages n WHERE n.id = w.id AND n.deleted_at IS NULL AND n.version_seq IS NOT DISTINCT FROM w.version LIMIT 1
      FOR SHARE
    ) m
    CROSS JOIN LATERAL (SELECT * FROM rooms o WHERE o.id = m.room_id LIMIT 1) r
    ON CONFLICT (id) DO NOTHING;
  DELETE FROM search_queue q WHERE q.id = ANY (p_queued);
  UPDATE search_queue q SET claimed_until = NULL WHERE q.id = ANY (p_open);
END $$;
