-- Returns a thread as JSON: the number of its first message, how many replies and participants it has, the number and the time (in
-- milliseconds since 1970) of its latest reply (both null if none is left), the room's number at which it changed last, and the first
-- three participants with their ids and names (null if the user's row was removed). Returns null if nobody ever replied.
--
-- It is a function, not part of the calling statement, for the reason that parley_unread gives.
CREATE OR REPLACE FUNCTION parley_thread(p_room bigint, p_root bigint) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT json_build_array(
      t.root, t.replies, t.participants, t.last_seq, (extract(epoch FROM t.last_at) * 1000)::bigint, t.changed_seq,
      (SELECT coalesce(json_agg(json_build_array(u.id, (SELECT username FROM users WHERE id = u.id)) ORDER BY u.place), '[]')
        FROM unnest(t.users) WITH ORDINALITY AS u(id, place))
    )::text
    FROM threads t WHERE t.room_id = p_room AND t.root = p_root
  );
END $$;
