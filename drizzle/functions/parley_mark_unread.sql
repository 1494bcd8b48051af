-- Marks a member's messages from the number p_seq on as unread, in the member's own eyes: what others are shown of the member's marks stays
-- as it is. Does nothing if the member's own mark is below p_seq already; number is then null, else the user's own number of the change
-- (parley_set_private). own_read is the member's own mark afterwards, unread and mentions the
-- results of parley_unread and parley_mentions at it. All are null for non-members.
--
-- The member's row is locked first, so of a reading and a marking at the same time the later transaction decides, and the numbers have
-- the same order.
CREATE OR REPLACE FUNCTION parley_mark_unread(
  p_room bigint, p_user bigint, p_seq bigint, p_window int, p_most int,
  OUT own_read bigint, OUT delivered_to bigint, OUT head bigint, OUT unread int, OUT mentions int, OUT number bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_own bigint;
BEGIN
  SELECT coalesce(m.unread_after, m.read_seq), m.delivered_seq INTO v_own, delivered_to FROM members m
    WHERE m.room_id = p_room AND m.user_id = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT r.last_seq INTO head FROM rooms r WHERE r.id = p_room;
  own_read := least(v_own, greatest(p_seq - 1, 0));
  IF own_read < v_own THEN
    UPDATE members SET unread_after = own_read WHERE room_id = p_room AND user_id = p_user;
    number := parley_note_mark(p_room, p_user, own_read, true);
  END IF;
  unread := parley_unread(p_room, p_user, own_read, head, p_window, p_most);
  mentions := parley_mentions(p_room, p_user, own_read, head, p_window, p_most);
END $$;
