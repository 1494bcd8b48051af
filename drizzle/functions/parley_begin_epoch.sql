-- Begins an epoch named p_next, the one after epoch p_number, p_name, if the history was rewritten since then. Each of these proves a
-- rewrite: the database is in an earlier or another epoch; the node's beat p_beat is gone; a room contradicts what was read of it.
-- Returns the epoch that holds afterwards: the new one, a later one if another node has begun it, or the same one if nothing proves
-- a rewrite.
--
-- p_room (null for none) had a change with the number p_seq. p_message is the id of the message that was sent with that number, 0 for
-- another kind of change, or null if only the number is known. The room contradicts this if its last number is lower, or if something
-- else has the number. A missing row proves nothing, because rooms are deleted and purged.
CREATE OR REPLACE FUNCTION parley_begin_epoch(
  p_number bigint, p_name text, p_next text, p_node text, p_beat bigint, p_room bigint, p_seq bigint, p_message bigint,
  OUT number bigint, OUT name text
) LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
  v_message bigint;
  v_rewritten boolean;
BEGIN
  SELECT h.number, h.name INTO number, name FROM history_epoch h FOR UPDATE;
  IF number > p_number THEN RETURN; END IF;
  v_rewritten := number IS DISTINCT FROM p_number OR name <> p_name
    OR p_beat > 0 AND NOT EXISTS (SELECT FROM history_beats b WHERE b.node = p_node AND b.beat >= p_beat);
  SELECT r.last_seq INTO v_last FROM rooms r WHERE r.id = p_room AND r.deleted_at IS NULL;
  IF v_last < p_seq THEN
    v_rewritten := true;
  ELSIF v_last IS NOT NULL AND p_message IS NOT NULL THEN
    SELECT m.id INTO v_message FROM messages m WHERE m.room_id = p_room AND m.seq = p_seq;
    v_rewritten := v_rewritten OR coalesce(v_message <> p_message, p_message > 0 AND (
      EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.version_seq = p_seq)
      OR EXISTS (SELECT FROM room_events e WHERE e.room_id = p_room AND e.seq = p_seq)));
  END IF;
  IF v_rewritten IS NOT TRUE THEN RETURN; END IF;
  number := p_number + 1;
  name := p_next;
  INSERT INTO history_epoch AS h (number, name) VALUES (p_number + 1, p_next)
    ON CONFLICT (one) DO UPDATE SET number = excluded.number, name = excluded.name;
END $$;
