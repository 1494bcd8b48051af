-- Lets calls about the same two users take turns until the transaction ends. Taken before the lock of any room.
CREATE OR REPLACE FUNCTION parley_pair_lock(p_one bigint, p_other bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('pair ' || least(p_one, p_other) || ' ' || greatest(p_one, p_other), 0));
END $$;
