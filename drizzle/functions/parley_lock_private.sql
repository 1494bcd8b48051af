-- Locks the counter of a user's private changes until the transaction ends, and returns the latest number; 0 if there is none yet.
--
-- Whatever a function decides by the user's private entries it reads after this lock. Call it after all other locks, and for several
-- users in the order of their ids: then a reader who sees a number sees all lower ones, and no two transactions wait for each other.
CREATE OR REPLACE FUNCTION parley_lock_private(p_user bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_seq bigint;
BEGIN
  SELECT seq INTO v_seq FROM private_heads WHERE user_id = p_user FOR UPDATE;
  IF FOUND THEN RETURN v_seq; END IF;
  INSERT INTO private_heads (user_id) VALUES (p_user) ON CONFLICT DO NOTHING;
  SELECT seq INTO v_seq FROM private_heads WHERE user_id = p_user FOR UPDATE;
  RETURN v_seq;
END $$;
