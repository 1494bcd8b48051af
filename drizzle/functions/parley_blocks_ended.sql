-- Counts the blocks that a room's numbers have filled. The trigger calls it when the transaction commits: by then the rows that
-- have these numbers are written, and the room is still locked.
CREATE OR REPLACE FUNCTION parley_blocks_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_count_blocks(NEW.id, NEW.direct_low, OLD.last_seq / 1024 * 1024, NEW.last_seq / 1024 * 1024);
  RETURN NULL;
END $$;
