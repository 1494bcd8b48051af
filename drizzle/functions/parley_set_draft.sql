-- Sets a member's draft in a room, or removes it if p_value is null. written is null for non-members. version is null if
-- p_value answers a message that is not in the room, and nothing is changed; otherwise version is the number of the
-- draft as it is afterwards (0 if there never was one), value its content (null if there is none) and at when it was edited.
--
-- p_base is the version that the device has edited, null if it has seen none. An edit of the present version is written. An edit of
-- another one, made at the same time as another device's, is written unless the other is later, in whichever order they
-- arrive. p_ago says how many milliseconds ago it was made, at most 30 days, so that the clocks of the devices do not matter.
--
-- The member's row is locked against removal, so that no draft remains of a membership that ends meanwhile.
CREATE OR REPLACE FUNCTION parley_set_draft(
  p_room bigint, p_user bigint, p_value text, p_base bigint, p_ago bigint,
  OUT written boolean, OUT version bigint, OUT value text, OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_edited timestamptz := v_now - least(p_ago, 2592000000) * interval '1 millisecond';
  v_value jsonb := p_value;
  v_held jsonb;
BEGIN
  PERFORM FROM members WHERE room_id = p_room AND user_id = p_user FOR KEY SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  IF v_value ? 'reply_to' AND NOT EXISTS (
    SELECT FROM messages WHERE room_id = p_room AND seq = (v_value -> 'reply_to')::bigint
  ) THEN
    written := false;
    RETURN;
  END IF;
  PERFORM parley_lock_private(p_user);
  SELECT e.seq, e.value, e.created_at INTO version, v_held, at FROM private_entries e
    WHERE e.user_id = p_user AND e.room_id = p_room AND e.type = 'draft' AND e.item = 0;
  version := coalesce(version, 0);
  -- Setting what is there already, or removing what is not, changes nothing.
  written := v_held IS NOT DISTINCT FROM v_value;
  IF NOT written THEN
    written := p_base = version OR at IS NULL OR v_edited >= at;
    IF written THEN
      version := parley_set_private(p_user, p_room, 'draft', 0, v_value, v_edited);
      at := v_edited;
      v_held := v_value;
    END IF;
  END IF;
  value := v_held::text;
END $$;
