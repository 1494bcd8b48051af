-- Gives each room to which the statement has added members, from which it has removed some, or in which it has muted some, another
-- member_version, whoever changed them: a function here, a node of the version before, or SQL by hand (removing a user removes the memberships). Rooms are locked in
-- the order of their ids; the functions here hold the lock already.
--
-- Versions are random, so no version comes again: not after an older backup was restored, and not in another room with the same id.
CREATE OR REPLACE FUNCTION parley_members_changed() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_room bigint;
BEGIN
  FOR v_room IN SELECT DISTINCT c.room_id FROM changed c ORDER BY c.room_id LOOP
    UPDATE rooms SET member_version = floor(random() * 9007199254740991) + 1 WHERE id = v_room;
  END LOOP;
  RETURN NULL;
END $$;
