-- Returns the epoch of the history, and whether the beat p_seen is still there. p_seen is the last beat that the node p_node wrote,
-- or 0 if it has written none. If the beat is there and p_next is not null, writes the beat p_next. A node's beats ascend and no
-- other node writes them, so a lower one means that the database went back to an earlier state. number is 0 when there is no epoch.
-- server is when this Postgres was started; it changes after a restore or a promotion.
CREATE OR REPLACE FUNCTION parley_beat(
  p_node text, p_seen bigint, p_next bigint,
  OUT number bigint, OUT name text, OUT kept boolean, OUT server timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  kept := p_seen = 0 OR EXISTS (SELECT FROM history_beats b WHERE b.node = p_node AND b.beat >= p_seen);
  IF kept AND p_next IS NOT NULL THEN
    INSERT INTO history_beats AS b (node, beat, at) VALUES (p_node, p_next, now())
      ON CONFLICT (node) DO UPDATE SET beat = greatest(b.beat, excluded.beat), at = excluded.at;
  END IF;
  SELECT h.number, h.name INTO number, name FROM history_epoch h;
  number := coalesce(number, 0);
  name := coalesce(name, '');
  server := pg_postmaster_start_time();
END $$;
