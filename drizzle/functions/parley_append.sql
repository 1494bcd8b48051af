-- What nodes of build 24 and before call instead of parley_append_messages: no draft has details, and every sender is looked up. p_offset
-- is a draft's position within its room (from 1), and bases holds each room's last number before the batch. p_pair_rooms and
-- p_pair_users hold each pair of room and sender once. Goes once the window of versions begins after it.
CREATE OR REPLACE FUNCTION parley_append(
  p_rooms bigint[], p_counts int[], p_pair_rooms bigint[], p_pair_users bigint[],
  p_place int[], p_offset int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT bases bigint[], OUT ids bigint[], OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_starts int[];
BEGIN
  SELECT array_agg(s.start ORDER BY s.place) INTO v_starts FROM (
    SELECT w.place, sum(w.count) OVER (ORDER BY w.place) - w.count AS start
      FROM unnest(p_counts) WITH ORDINALITY AS w(count, place)) s;
  SELECT a.ids, a.at, ARRAY(
      SELECT b.shift + b.start FROM unnest(a.shifts, v_starts) WITH ORDINALITY AS b(shift, start, place) ORDER BY b.place)
    INTO ids, at, bases
    FROM parley_append_messages(p_rooms, p_counts, v_starts, array_fill(NULL::bigint, ARRAY[cardinality(p_rooms)]),
      p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
