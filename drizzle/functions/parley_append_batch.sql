-- What nodes of build 29 and before call instead of parley_append_messages: no draft has details. Goes once the window of versions
-- begins after it.
CREATE OR REPLACE FUNCTION parley_append_batch(
  p_rooms bigint[], p_counts int[], p_starts int[], p_versions bigint[],
  p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT shifts bigint[], OUT ids bigint[], OUT versions bigint[], OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.shifts, a.ids, a.versions, a.at INTO shifts, ids, versions, at
    FROM parley_append_messages(p_rooms, p_counts, p_starts, p_versions,
      p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
