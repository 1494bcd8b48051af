-- Says which epoch the history is in, and whether the beat p_seen, which the node p_node wrote before, is still there (0: it wrote
-- none). If so, writes the beat p_next, unless that is null. A node's beats ascend and nobody else writes them, so that a lower
-- one means that the database went back to an earlier state. number is 0 when there is no epoch; server is when this Postgres was
-- started: a restore and a promotion bring another one.
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
