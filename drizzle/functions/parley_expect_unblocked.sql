-- Raises PA013 if one of the users blocks the actor.
CREATE OR REPLACE FUNCTION parley_expect_unblocked(p_actor bigint, p_users bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(p_users) AS w(usr) JOIN user_blocks b ON b.user_id = w.usr AND b.blocked_id = p_actor) THEN
    RAISE EXCEPTION 'one of the users blocks the actor' USING ERRCODE = 'PA013';
  END IF;
END $$;
