-- Tells a user's devices where the user's own read mark in a room is, by a private entry, and whether it is behind what others are shown.
-- Returns the user's number. Call it last, as parley_set_private.
CREATE OR REPLACE FUNCTION parley_note_mark(p_room bigint, p_user bigint, p_read bigint, p_behind boolean) RETURNS bigint
LANGUAGE sql
AS $$
  SELECT parley_set_private(
    p_user, p_room, 'mark', 0, jsonb_build_object('read', p_read, 'behind', p_behind), date_trunc('milliseconds', clock_timestamp()))
$$;
