-- Returns the direct chat of two users, and creates it if there is none. Of several simultaneous calls one creates it. room is null
-- when another transaction created it after this statement began; the caller then reads it in a new statement. numbers are the
-- opener's and the other user's own (parley_note_memberships), null if the chat was there.
-- Raises PA013 if there is none and one of the users blocks the other.
CREATE OR REPLACE FUNCTION parley_open_direct(
  p_opener bigint, p_other bigint, OUT room bigint, OUT made boolean, OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_pair_lock(p_opener, p_other);
  IF parley_blocked(p_opener, p_other) AND NOT EXISTS (
    SELECT FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL
  ) THEN RAISE EXCEPTION 'one of the users blocks the other' USING ERRCODE = 'PA013'; END IF;
  INSERT INTO rooms (kind, creator_id, direct_low, direct_high, member_count)
    VALUES ('direct', p_opener, least(p_opener, p_other), greatest(p_opener, p_other), 2)
    ON CONFLICT (direct_low, direct_high) WHERE direct_low IS NOT NULL DO NOTHING RETURNING id INTO room;
  made := FOUND;
  IF made THEN
    INSERT INTO members (room_id, user_id, role) VALUES (room, p_opener, 'member'), (room, p_other, 'member');
    numbers := parley_note_memberships(
      room, ARRAY[p_opener, p_other], ARRAY['joined', 'joined'], ARRAY['member', 'member'], p_opener,
      date_trunc('milliseconds', clock_timestamp()));
  ELSE
    SELECT id INTO room FROM rooms
      WHERE direct_low = least(p_opener, p_other) AND direct_high = greatest(p_opener, p_other) AND direct_low IS NOT NULL;
  END IF;
END $$;
