-- Finds messages that a user may read, the newest first: those whose words have all of the grams p_keys and one of each of p_some and
-- p_others (null for none). Whoever calls it compares the words. p_room and p_sender narrow the search if they are not null, and p_files if it
-- is true: then it finds messages with files.
-- p_after and p_end are ids: it searches above the one and below the other. p_limit and p_text limit the messages and the length of their
-- bodies together; there is always one message.
--
-- Returns their ids, and in p_next the id below which it goes on; 0 if there is nothing more. It looks through blocks of ids, from the
-- newest on, and takes blocks eight times as large as long as it finds little, so that the most common word costs no more than the rarest.
-- p_ms limits the time: it is looked at after each block, so that a search ends after at most one block more.
--
-- The user must be a member of the room, or the room public and the user not banned from it, when the statement begins. Up to p_rooms of the user's rooms are keys of the search: then
-- messages of other rooms take no time, which could tell of them. A user in more rooms has each message that is found looked up.
CREATE OR REPLACE FUNCTION parley_search(
  p_user bigint, p_keys int[], p_some int[], p_others int[], p_room bigint, p_sender bigint, p_files boolean,
  p_after bigint, p_end bigint, p_limit int, p_text int, p_rooms int, p_ms int,
  OUT ids bigint[], OUT next bigint
) LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_began timestamptz := clock_timestamp();
  v_step timestamptz;
  v_keys int[] := p_keys;
  v_rooms int[];
  v_any int[];
  v_level int := 0;
  v_size bigint;
  v_block bigint;
  v_found bigint[];
  v_hits bigint := 0;
  v_text bigint := 0;
  v_from bigint;
  r record;
BEGIN
  ids := '{}';
  SELECT m.id + 1 INTO next FROM messages m ORDER BY m.id DESC LIMIT 1;
  IF next IS NULL THEN next := 0; RETURN; END IF;
  next := least(p_end, next);
  v_from := next;
  IF p_sender IS NOT NULL THEN v_keys := v_keys || parley_search_mark(6, p_sender); END IF;
  IF p_files THEN v_keys := v_keys || parley_search_mark(7, 1); END IF;
  IF p_room IS NOT NULL THEN
    v_keys := v_keys || parley_search_mark(5, p_room);
  ELSE
    SELECT array_agg(parley_search_mark(5, w.room_id)) || parley_search_mark(7, 0) INTO v_rooms
      FROM (SELECT b.room_id FROM members b WHERE b.user_id = p_user LIMIT p_rooms + 1) w;
    IF v_rooms IS NULL THEN v_rooms := ARRAY[parley_search_mark(7, 0)]; END IF;
    IF cardinality(v_rooms) > p_rooms + 1 THEN v_rooms := NULL; END IF;
  END IF;
  WHILE next > p_after + 1 LOOP
    v_step := clock_timestamp();
    v_size := 4096::bigint << (3 * v_level);
    v_block := (next - 1) / v_size;
    v_any := ARRAY[parley_search_mark(v_level, v_block)];
    v_found := parley_search_docs(
      v_keys || v_any, coalesce(p_some, v_any), coalesce(p_others, v_any), coalesce(v_rooms, v_any),
      greatest(v_block * v_size, p_after + 1), next);
    IF v_found IS NOT NULL THEN
      FOR r IN
        SELECT m.id, length(m.body) AS length
        FROM unnest(v_found) AS f(id)
        CROSS JOIN LATERAL (SELECT * FROM messages n WHERE n.id = f.id LIMIT 1) m
        CROSS JOIN LATERAL (SELECT * FROM rooms o WHERE o.id = m.room_id LIMIT 1) o
        WHERE m.deleted_at IS NULL AND o.deleted_at IS NULL
          AND (p_room IS NULL OR m.room_id = p_room) AND (p_sender IS NULL OR m.sender_id = p_sender)
          AND (NOT p_files OR m.details ? 'attachments')
          -- As values: for `exists` the planner may read all memberships of the user.
          AND ((SELECT b.user_id FROM members b WHERE b.room_id = o.id AND b.user_id = p_user LIMIT 1) IS NOT NULL
            OR o.kind = 'public' AND (
              SELECT n.user_id FROM bans n WHERE n.room_id = o.id AND n.user_id = p_user AND (n.until IS NULL OR n.until > now()) LIMIT 1
            ) IS NULL)
        LIMIT p_limit
      LOOP
        IF v_text + r.length > p_text AND cardinality(ids) > 0 THEN RETURN; END IF;
        ids := ids || r.id;
        v_text := v_text + r.length;
        next := r.id;
        IF cardinality(ids) >= p_limit THEN RETURN; END IF;
      END LOOP;
      v_hits := v_hits + cardinality(v_found);
    END IF;
    next := v_block * v_size;
    EXIT WHEN clock_timestamp() - v_began > p_ms * interval '1 millisecond';
    -- The next block may hold some thousand messages by what was found so far, and take some ten times as long as this one did.
    IF v_level < 4 AND clock_timestamp() - v_step < interval '4 milliseconds'
      AND (v_hits + 1) * (v_size * 8) < 2000 * greatest(v_from - next, 1) THEN v_level := v_level + 1;
    ELSIF v_level > 0 AND clock_timestamp() - v_step > interval '30 milliseconds' THEN v_level := v_level - 1; END IF;
  END LOOP;
  IF next <= p_after + 1 THEN next := 0; END IF;
END $$;
