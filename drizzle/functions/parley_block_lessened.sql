-- Subtracts a deleted message from the count of its block, if that block has been counted.
CREATE OR REPLACE FUNCTION parley_block_lessened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_blocks SET messages = messages - 1,
      of_low = of_low - coalesce(NEW.sender_id = (SELECT direct_low FROM rooms WHERE id = NEW.room_id), false)::int
    WHERE room_id = NEW.room_id AND block = (NEW.seq - 1) / 1024;
  RETURN NULL;
END $$;
