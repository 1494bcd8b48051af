-- Notes whom a message mentions, and forgets whom it no longer mentions. p_details has `mentions`, with `users` (each with `id`), `room`
-- and `online`; and `reached`, the ids of the members whom @online reaches. It is null if the message is deleted. Without `reached` those
-- whom @online has reached before stay. Call it under the room's lock. The sender is not mentioned to themselves, nor
-- to users who block the sender; readers of room_mentions leave out those themselves.
--
-- p_fresh says that the message is new, so that there is nothing to forget.
CREATE OR REPLACE FUNCTION parley_note_mentions(
  p_room bigint, p_seq bigint, p_message bigint, p_sender bigint, p_details jsonb, p_fresh boolean
) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_mentions jsonb := nullif(p_details->'mentions', 'null');
  v_named bigint[] := ARRAY(SELECT (u->>'id')::bigint FROM jsonb_array_elements(v_mentions->'users') u);
  v_reached bigint[] := ARRAY(SELECT u::bigint FROM jsonb_array_elements_text(p_details->'reached') u);
  v_room boolean := coalesce((v_mentions->>'room')::boolean, false);
  v_online boolean := coalesce((v_mentions->>'online')::boolean, false);
BEGIN
  IF NOT p_fresh THEN
    UPDATE mentions SET named = named AND user_id = ANY (v_named), online = online AND v_online
      WHERE room_id = p_room AND seq = p_seq;
    DELETE FROM mentions WHERE room_id = p_room AND seq = p_seq AND NOT named AND NOT online;
    IF NOT v_room THEN DELETE FROM room_mentions WHERE room_id = p_room AND seq = p_seq; END IF;
  END IF;
  INSERT INTO mentions AS m (room_id, seq, user_id, message_id, named, online)
    SELECT p_room, p_seq, w.usr, p_message, w.usr = ANY (v_named), w.usr = ANY (v_reached)
      FROM (SELECT unnest(v_named) UNION SELECT unnest(v_reached)) w(usr) WHERE w.usr <> p_sender
        AND NOT EXISTS (SELECT FROM user_blocks b WHERE b.user_id = w.usr AND b.blocked_id = p_sender)
    ON CONFLICT (room_id, seq, user_id) DO UPDATE SET named = m.named OR excluded.named, online = m.online OR excluded.online;
  IF v_room THEN
    INSERT INTO room_mentions (room_id, seq, message_id, sender_id) VALUES (p_room, p_seq, p_message, p_sender) ON CONFLICT DO NOTHING;
  END IF;
END $$;
