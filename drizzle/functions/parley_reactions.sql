-- Returns the reactions of a message as JSON, in the order in which they were first used: name, number of users, 1 if the viewer is among
-- them and 0 if not (also without a viewer), and the first three users with their ids and names (null if the user's row was removed).
-- Returns null if the message never had reactions, or is deleted.
--
-- It is a function, not part of the calling statement, for the reason that parley_unread gives. parley_react says why the viewer's own
-- reactions are compared as an expression.
CREATE OR REPLACE FUNCTION parley_reactions(p_room bigint, p_message bigint, p_viewer bigint) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT coalesce((
      SELECT json_agg(json_build_array(
        n.reaction,
        n.count,
        (SELECT count(*) FROM reactions r
          WHERE r.room_id = p_room AND r.seq = p_message AND r.user_id = p_viewer AND r.reaction || '' = n.reaction),
        (SELECT json_agg(json_build_array(f.user_id, (SELECT u.username FROM users u WHERE u.id = f.user_id)) ORDER BY f.id) FROM (
          SELECT r.user_id, r.id FROM reactions r
          WHERE r.room_id = p_room AND r.seq = p_message AND r.reaction = n.reaction ORDER BY r.id LIMIT 3
        ) f)
      ) ORDER BY n.place)
      FROM unnest(s.reactions, s.counts) WITH ORDINALITY AS n(reaction, count, place)
    ), '[]')::text
    FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = p_message AND NOT s.gone
  );
END $$;
