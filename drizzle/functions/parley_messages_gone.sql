-- Takes the messages out of the search whose rows a statement has removed, whoever removed them.
CREATE OR REPLACE FUNCTION parley_messages_gone() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
BEGIN
  DELETE FROM search_docs d USING gone g WHERE d.id = g.id;
  RETURN NULL;
END $$;
