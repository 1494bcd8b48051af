-- Counts the blocks that there are, and keeps them counted. All messages are read once, and whoever writes waits until the end:
-- so none of the numbers that they take meanwhile is missed. The lock is the first thing that any of them needs of a room.
LOCK TABLE rooms IN EXCLUSIVE MODE;
--> statement-breakpoint

-- Whatever takes a room's numbers, some 1,023 in 1,024 times this only compares two of them.
CREATE CONSTRAINT TRIGGER rooms_blocks_ended AFTER UPDATE OF last_seq ON rooms
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.last_seq / 1024 < NEW.last_seq / 1024)
  EXECUTE FUNCTION parley_blocks_ended();
--> statement-breakpoint

CREATE TRIGGER messages_block_lessened AFTER UPDATE OF deleted_at ON messages
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
  EXECUTE FUNCTION parley_block_lessened();
--> statement-breakpoint

SELECT parley_count_blocks(id, direct_low, 0, last_seq / 1024 * 1024) FROM rooms WHERE last_seq >= 1024;
