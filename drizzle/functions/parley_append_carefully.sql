-- What nodes of build 29 and before call instead of parley_append_each: no draft has details. Goes once the window of versions begins
-- after it.
CREATE OR REPLACE FUNCTION parley_append_carefully(
  p_rooms bigint[], p_place int[], p_senders bigint[], p_clients text[], p_kinds text[], p_bodies text[], p_replies bigint[],
  OUT codes int[], OUT seqs bigint[], OUT ids bigint[], OUT ats text[]
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT a.codes, a.seqs, a.ids, a.ats INTO codes, seqs, ids, ats
    FROM parley_append_each(p_rooms, p_place, p_senders, p_clients, p_kinds, p_bodies, p_replies, NULL) a;
END $$;
