-- oldest build: 17
--
-- Sets what a member wants to be notified of in a room, or in the thread of the message p_message if that is not 0; with null as it is
-- without a setting. item is the thread's root, 0 for the room, and null if there is no such message. version is null for non-members;
-- otherwise it is the number of the entry. What is so already is not written again.
--
-- The member's row is locked against removal, as in parley_set_draft.
CREATE OR REPLACE FUNCTION parley_set_notifications(
  p_room bigint, p_user bigint, p_message bigint, p_value text,
  OUT item bigint, OUT version bigint, OUT at timestamptz, OUT changed boolean
) LANGUAGE plpgsql AS $$
DECLARE
  v_value jsonb := p_value;
  v_held jsonb;
BEGIN
  PERFORM FROM members WHERE room_id = p_room AND user_id = p_user FOR KEY SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  version := 0;
  changed := false;
  item := CASE WHEN p_message = 0 THEN 0 ELSE parley_root(p_room, p_message) END;
  IF item IS NULL THEN RETURN; END IF;
  PERFORM parley_lock_private(p_user);
  SELECT e.seq, e.value, e.created_at INTO version, v_held, at FROM private_entries e
    WHERE e.user_id = p_user AND e.room_id = p_room AND e.type = 'notifications' AND e.item = parley_set_notifications.item;
  version := coalesce(version, 0);
  IF v_held IS NOT DISTINCT FROM v_value THEN RETURN; END IF;
  at := date_trunc('milliseconds', clock_timestamp());
  changed := true;
  version := parley_set_private(p_user, p_room, 'notifications', item, v_value, at);
END $$;
