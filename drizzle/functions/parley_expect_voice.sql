-- Raises PA011, PA012 or PA013 unless the user may speak in the room (parley_voice); the detail is the number of milliseconds until they
-- may. Call it under the room's lock.
CREATE OR REPLACE FUNCTION parley_expect_voice(p_room bigint, p_user bigint, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v record;
BEGIN
  v := parley_voice(p_room, p_user, p_at);
  IF v.code = 7 THEN RAISE EXCEPTION 'the user is muted' USING ERRCODE = 'PA011', DETAIL = v.wait::text; END IF;
  IF v.code = 9 THEN RAISE EXCEPTION 'only the staff may post' USING ERRCODE = 'PA012'; END IF;
  IF v.code = 10 THEN RAISE EXCEPTION 'one of the users blocks the other' USING ERRCODE = 'PA013'; END IF;
END $$;
