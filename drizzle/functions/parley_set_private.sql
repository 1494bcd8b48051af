-- Sets one of a user's private entries at the user's next number, which it returns, or removes it if p_value is null. p_item is the
-- number of the message that the entry is about, 0 if it is about the room. Only the latest state of each entry is kept. Locks as
-- parley_lock_private does.
CREATE OR REPLACE FUNCTION parley_set_private(
  p_user bigint, p_room bigint, p_type text, p_item bigint, p_value jsonb, p_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_seq bigint := parley_lock_private(p_user) + 1;
BEGIN
  UPDATE private_heads SET seq = v_seq WHERE user_id = p_user;
  INSERT INTO private_entries AS e (user_id, room_id, type, item, seq, value, created_at)
    VALUES (p_user, p_room, p_type, p_item, v_seq, p_value, p_at)
    ON CONFLICT (user_id, room_id, type, item) DO UPDATE SET
      seq = excluded.seq, value = excluded.value, created_at = excluded.created_at;
  RETURN v_seq;
END $$;
