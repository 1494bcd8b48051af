-- Returns whether one of two users blocks the other.
CREATE OR REPLACE FUNCTION parley_blocked(p_one bigint, p_other bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_blocks WHERE user_id = p_one AND blocked_id = p_other)
    OR EXISTS (SELECT FROM user_blocks WHERE user_id = p_other AND blocked_id = p_one);
END $$;
