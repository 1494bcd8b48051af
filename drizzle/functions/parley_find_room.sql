-- Returns the room that a name means for a user; null if no room has it. Names of hidden rooms are unique for those who may see them,
-- so one name can belong to several rooms. Of those that the user may see, one that is spelled exactly so comes first, then one that
-- the user is a member of, then the oldest. If the user may see none, room is a hidden one, and visible is false.
--
-- Anyone can create many hidden rooms of one name. If there are more than 50, the user's own ones are searched for instead: the cost
-- is the lesser of the two. Deleted rooms have no key. Rooms that a node of the version before created have no key for a minute, and are found by their exact name.
CREATE OR REPLACE FUNCTION parley_find_room(p_name text, p_key text, p_user bigint, OUT room bigint, OUT visible boolean)
LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_hidden bigint[] := ARRAY(
    SELECT r.id FROM rooms r WHERE r.name_key = p_key AND r.kind <> 'public' LIMIT 51
  ) || ARRAY(
    SELECT r.id FROM rooms r WHERE r.name = p_name AND r.name_key IS NULL AND r.deleted_at IS NULL LIMIT 1
  );
  v_wanted bigint[] := v_hidden;
BEGIN
  IF cardinality(v_hidden) > 50 THEN
    v_wanted := ARRAY(
      SELECT o.room_id FROM (
        SELECT m.room_id FROM members m WHERE m.user_id = p_user UNION ALL SELECT i.room_id FROM invitations i WHERE i.user_id = p_user
      ) o WHERE (
        SELECT true FROM rooms WHERE id = o.room_id AND name_key = p_key AND kind <> 'public' LIMIT 1
      ) IS NOT NULL LIMIT 50
    );
  END IF;
  SELECT f.id INTO room FROM (
    SELECT r.*, (SELECT true FROM members WHERE room_id = r.id AND user_id = p_user LIMIT 1) IS NOT NULL AS mine,
      (SELECT true FROM invitations WHERE room_id = r.id AND user_id = p_user LIMIT 1) IS NOT NULL AS invited
    FROM (
      SELECT id, name, kind FROM rooms WHERE name_key = p_key AND kind = 'public'
      UNION ALL
      SELECT h.id, h.name, h.kind FROM unnest(v_wanted) w(id) CROSS JOIN LATERAL (
        SELECT id, name, kind FROM rooms WHERE id = w.id LIMIT 1
      ) h
    ) r
  ) f WHERE f.kind = 'public' OR f.mine OR f.invited ORDER BY f.name = p_name DESC, f.mine DESC, f.id LIMIT 1;
  visible := room IS NOT NULL;
  IF room IS NULL THEN room := v_hidden[1]; END IF;
END $$;
