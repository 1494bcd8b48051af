-- Deletes a room for everyone when the transaction commits. Its messages stay until parley_purge has removed them piece by piece.
-- Members' rows are locked first, in the order of users, as everywhere that more than one of them changes.
CREATE OR REPLACE FUNCTION parley_delete_room(p_room bigint, p_actor bigint, p_actor_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_lock(p_room);
  PERFORM parley_expect(p_room, p_actor, p_actor_role, false);
  UPDATE rooms SET deleted_at = clock_timestamp() WHERE id = p_room;
  PERFORM FROM members WHERE room_id = p_room ORDER BY user_id FOR UPDATE;
  DELETE FROM members WHERE room_id = p_room;
  DELETE FROM invitations WHERE room_id = p_room;
END $$;
