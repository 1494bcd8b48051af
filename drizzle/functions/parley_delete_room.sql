-- Deletes a room for everyone when the transaction commits. Its messages stay until parley_purge has removed them piece by piece.
-- Members' rows are locked first, in the order of users, as everywhere that more than one of them changes. Returns who was a member
-- or invited, and their own numbers (parley_note_memberships).
CREATE OR REPLACE FUNCTION parley_delete_room(
  p_room bigint, p_actor bigint, p_actor_role text, OUT users bigint[], OUT numbers bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_lock(p_room);
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET deleted_at = clock_timestamp(), name_key = NULL, look_alike = NULL WHERE id = p_room;
  PERFORM FROM members WHERE room_id = p_room ORDER BY user_id FOR UPDATE;
  SELECT coalesce(array_agg(usr ORDER BY usr), '{}') INTO users FROM (
    SELECT user_id AS usr FROM members WHERE room_id = p_room
    UNION ALL
    SELECT user_id FROM invitations WHERE room_id = p_room
  ) concerned;
  DELETE FROM members WHERE room_id = p_room;
  DELETE FROM invitations WHERE room_id = p_room;
  numbers := coalesce(parley_note_memberships(
    p_room, users, array_fill('room_deleted'::text, ARRAY[cardinality(users)]),
    array_fill(NULL::text, ARRAY[cardinality(users)]), p_actor, date_trunc('milliseconds', clock_timestamp())), '{}');
  PERFORM parley_end_private(p_room, users, date_trunc('milliseconds', clock_timestamp()));
END $$;
