-- Adds and removes reactions to messages of one room. Each message of which something changes gets one event at the room's next number,
-- with everything that this call changes of it, so what is stored has always been told.
--
-- p_messages are different messages. Each reaction has its message's index there (p_place, from 1), its user, its name, and 1 to add it or
-- 0 to remove it (p_on); a user and a name occur once for each message. p_window is the least number of milliseconds between two events
-- about one message, whichever nodes write them. p_own is the most reactions of one user to a message, p_kinds the most different ones.
--
-- Returns one code per reaction: 0 changed, 1 so already, 2 the user is not a member, 3 no such message, or it is deleted, 4 too many of
-- one user, 5 too many different ones, 6 too soon: to be repeated after the message's `waits` milliseconds, 7 the user is muted, 8 one of a
-- direct chat's two users blocks the other. Per message it returns the
-- number of its event, or 0, and its reactions as parley_reactions shows them. head is the room's last number afterwards. Raises PA002 as
-- parley_lock does.
--
-- A user has few reactions to a message, and a reaction has many users. So a user's own ones are looked up by the primary key: their names
-- are compared as an expression, so that the planner cannot take the index on names. Names are looked up in the order of that index, so
-- that it cannot take the primary key.
CREATE OR REPLACE FUNCTION parley_react(
  p_room bigint, p_messages bigint[], p_place int[], p_users bigint[], p_reactions text[], p_on int[],
  p_window int, p_own int, p_kinds int,
  OUT codes int[], OUT seqs bigint[], OUT waits int[], OUT shown text, OUT head bigint, OUT at timestamptz
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_closed boolean;
  v_there boolean[];
  v_present text[];
  v_kinds bigint[];
  v_actor bigint;
  v_changed jsonb;
  v_names text[];
  v_counts int[];
  v_shown jsonb := '[]';
BEGIN
  head := parley_lock(p_room);
  at := date_trunc('milliseconds', clock_timestamp());
  SELECT r.posting = 'nobody' INTO v_closed FROM rooms r WHERE r.id = p_room;
  SELECT array_agg(x.there ORDER BY x.ord), array_agg(x.wait ORDER BY x.ord) INTO v_there, waits FROM (
    SELECT w.ord, EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.seq = w.message AND m.deleted_at IS NULL) AS there,
      -- The clock may have been set back.
      coalesce((
        SELECT greatest(0, least(p_window, p_window - ceil(extract(epoch FROM at - s.told_at) * 1000)::int))
        FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = w.message
      ), 0) AS wait
    FROM unnest(p_messages) WITH ORDINALITY AS w(message, ord)
  ) x;
  -- Whether a message is there is for members to know.
  SELECT array_agg(CASE
      WHEN NOT EXISTS (SELECT FROM members m WHERE m.room_id = p_room AND m.user_id = w.usr) THEN 2
      WHEN v_closed THEN 8
      WHEN EXISTS (SELECT FROM mutes u WHERE u.room_id = p_room AND u.user_id = w.usr AND (u.until IS NULL OR u.until > at)) THEN 7
      WHEN NOT v_there[w.place] THEN 3
      WHEN EXISTS (
        SELECT FROM reactions r
        WHERE r.room_id = p_room AND r.seq = p_messages[w.place] AND r.user_id = w.usr AND r.reaction || '' = w.reaction
      ) = (w.is_on = 1) THEN 1
      WHEN waits[w.place] > 0 THEN 6
      ELSE 0 END ORDER BY w.ord) INTO codes
    FROM unnest(p_place, p_users, p_reactions, p_on) WITH ORDINALITY AS w(place, usr, reaction, is_on, ord);
  -- Removed first, so that a user at the limit can exchange one for another.
  DELETE FROM reactions r USING unnest(p_place, p_users, p_reactions, p_on, codes) AS w(place, usr, reaction, is_on, code)
    WHERE w.code = 0 AND w.is_on = 0
      AND r.room_id = p_room AND r.seq = p_messages[w.place] AND r.user_id = w.usr AND r.reaction || '' = w.reaction;
  -- What each message has then, as its place and the name.
  SELECT coalesce(array_agg(w.place || ' ' || k.reaction), '{}') INTO v_present
    FROM unnest(p_messages) WITH ORDINALITY AS w(message, place)
    CROSS JOIN LATERAL (SELECT s.reactions FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = w.message LIMIT 1) s
    CROSS JOIN unnest(s.reactions) AS k(reaction)
    WHERE (
      SELECT r.id FROM reactions r WHERE r.room_id = p_room AND r.seq = w.message AND r.reaction = k.reaction ORDER BY r.id LIMIT 1
    ) IS NOT NULL;
  SELECT array_agg((SELECT count(*) FROM unnest(v_present) AS k(reaction) WHERE split_part(k.reaction, ' ', 1) = w.place::text)
    ORDER BY w.place) INTO v_kinds FROM unnest(p_messages) WITH ORDINALITY AS w(message, place);
  -- The first to come are those that fit. A name that is new to its message has its place among the new ones by its first use.
  SELECT array_agg(CASE
      WHEN NOT y.adds THEN y.code
      WHEN y.own > p_own THEN 4
      WHEN y.is_new AND v_kinds[y.place] + y.nth > p_kinds THEN 5
      ELSE 0 END ORDER BY y.ord) INTO codes
    FROM (
      SELECT x.*, dense_rank() OVER (PARTITION BY x.place, x.is_new ORDER BY x.first_use) AS nth
      FROM (
        SELECT w.*, min(w.ord) OVER (PARTITION BY w.place, w.reaction, w.is_new) AS first_use
        FROM (
          SELECT v.*, v.adds AND v.own <= p_own AND NOT (v.place || ' ' || v.reaction) = ANY (v_present) AS is_new
          FROM (
            SELECT u.ord, u.place, u.reaction, u.code, u.code = 0 AND u.is_on = 1 AS adds,
              row_number() OVER (PARTITION BY u.place, u.usr, u.code = 0 AND u.is_on = 1 ORDER BY u.ord) + CASE
                WHEN u.code = 0 AND u.is_on = 1 THEN (
                  SELECT count(*) FROM reactions r WHERE r.room_id = p_room AND r.seq = p_messages[u.place] AND r.user_id = u.usr
                ) ELSE 0 END AS own
            FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS u(place, usr, reaction, is_on, code, ord)
          ) v
        ) w
      ) x
    ) y;
  INSERT INTO reactions (room_id, seq, user_id, reaction, created_at)
    SELECT p_room, p_messages[w.place], w.usr, w.reaction, at
    FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS w(place, usr, reaction, is_on, code, ord)
    WHERE w.code = 0 AND w.is_on = 1 ORDER BY w.ord;
  FOR i IN 1 .. cardinality(p_messages) LOOP
    seqs[i] := 0;
    SELECT jsonb_agg(jsonb_build_array(c.reaction, c.added, c.removed) ORDER BY c.first_use), (array_agg(c.actor ORDER BY c.first_use))[1]
      INTO v_changed, v_actor FROM (
        SELECT w.reaction, min(w.ord) AS first_use, (array_agg(w.usr ORDER BY w.ord))[1] AS actor,
          coalesce(jsonb_agg(w.usr ORDER BY w.ord) FILTER (WHERE w.is_on = 1), '[]') AS added,
          coalesce(jsonb_agg(w.usr ORDER BY w.ord) FILTER (WHERE w.is_on = 0), '[]') AS removed
        FROM unnest(p_place, p_users, p_reactions, p_on, codes) WITH ORDINALITY AS w(place, usr, reaction, is_on, code, ord)
        WHERE w.place = i AND w.code = 0 GROUP BY w.reaction
      ) c;
    IF v_changed IS NULL THEN
      v_shown := v_shown || jsonb_build_array(NULL);
      CONTINUE;
    END IF;
    head := head + 1;
    seqs[i] := head;
    INSERT INTO room_events (room_id, seq, user_id, actor_id, type, role, created_at, payload)
      VALUES (p_room, head, NULL, v_actor, 'reaction', NULL, at,
        jsonb_build_object('message', p_messages[i], 'changed', v_changed));
    SELECT s.reactions, s.counts INTO v_names, v_counts FROM reaction_summaries s WHERE s.room_id = p_room AND s.seq = p_messages[i];
    SELECT coalesce(array_agg(x.reaction ORDER BY x.place), '{}'), coalesce(array_agg(x.count ORDER BY x.place), '{}')
      INTO v_names, v_counts FROM (
        SELECT t.reaction, sum(t.count)::int AS count, min(t.place) AS place FROM (
          SELECT b.reaction, b.count, b.place FROM unnest(v_names, v_counts) WITH ORDINALITY AS b(reaction, count, place)
          UNION ALL
          SELECT c.value ->> 0, jsonb_array_length(c.value -> 1) - jsonb_array_length(c.value -> 2), 1000 + c.place
          FROM jsonb_array_elements(v_changed) WITH ORDINALITY AS c(value, place)
        ) t GROUP BY t.reaction HAVING sum(t.count) > 0
      ) x;
    INSERT INTO reaction_summaries (room_id, seq, reactions, counts, told_at) VALUES (p_room, p_messages[i], v_names, v_counts, at)
      ON CONFLICT (room_id, seq) DO UPDATE SET reactions = excluded.reactions, counts = excluded.counts, told_at = excluded.told_at;
    v_shown := v_shown || jsonb_build_array(parley_reactions(p_room, p_messages[i], NULL)::jsonb);
  END LOOP;
  shown := v_shown::text;
  -- Nothing is written if nothing has changed.
  UPDATE rooms SET last_seq = head WHERE id = p_room AND last_seq < head;
END $$;
