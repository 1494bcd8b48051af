-- Raises PA001 unless the user's role and invitation are the ones that the caller's decision was based on. Call it under the
-- room's lock.
CREATE OR REPLACE FUNCTION parley_expect(p_room bigint, p_user bigint, p_role text, p_invited boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT role FROM members WHERE room_id = p_room AND user_id = p_user) IS DISTINCT FROM p_role
    OR p_role IS NULL AND EXISTS (SELECT FROM invitations WHERE room_id = p_room AND user_id = p_user) <> p_invited
  THEN RAISE EXCEPTION 'the facts have changed' USING ERRCODE = 'PA001'; END IF;
END $$;
