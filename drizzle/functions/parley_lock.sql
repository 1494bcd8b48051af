-- Locks a room that is not deleted and returns its last number. Raises PA002 when there is none.
--
-- A transaction that locks more than one room locks them in the order of their ids, so that two writers never deadlock. Each
-- statement of a function sees what was committed before the statement began, so everything read after this lock is current.
CREATE OR REPLACE FUNCTION parley_lock(p_room bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_last bigint;
BEGIN
  SELECT last_seq INTO v_last FROM rooms WHERE id = p_room AND deleted_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'the room is gone' USING ERRCODE = 'PA002'; END IF;
  RETURN v_last;
END $$;
