-- Forgets up to p_limit private entries that were removed more than p_days ago, and returns how many. private_heads.forgotten_seq then
-- says up to which number a user's list is no longer whole. Locks counters in the order of users, as parley_lock_private asks for.
CREATE OR REPLACE FUNCTION parley_forget_private(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_before timestamptz := now() - p_days * interval '1 day';
  v_users bigint[];
  v_seqs bigint[];
  v_user bigint;
BEGIN
  SELECT coalesce(array_agg(d.user_id), '{}'), coalesce(array_agg(d.seq), '{}') INTO v_users, v_seqs FROM (
    SELECT user_id, seq FROM private_entries WHERE value IS NULL AND created_at < v_before ORDER BY created_at LIMIT p_limit
  ) d;
  FOR v_user IN SELECT DISTINCT w.usr FROM unnest(v_users) AS w(usr) ORDER BY w.usr LOOP
    PERFORM parley_lock_private(v_user);
  END LOOP;
  gone := 0;
  FOR i IN 1 .. cardinality(v_users) LOOP
    -- An entry that was set meanwhile has another number.
    DELETE FROM private_entries WHERE user_id = v_users[i] AND seq = v_seqs[i];
    IF FOUND THEN
      gone := gone + 1;
      UPDATE private_heads SET forgotten_seq = greatest(forgotten_seq, v_seqs[i]) WHERE user_id = v_users[i];
    END IF;
  END LOOP;
END $$;
