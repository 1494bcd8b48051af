-- Takes a message that was deleted out of the count of its block, if that has been counted.
CREATE OR REPLACE FUNCTION parley_block_lessened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE message_blocks SET messages = messages - 1,
      of_low = of_low - coalesce(NEW.sender_id = (SELECT direct_low FROM rooms WHERE id = NEW.room_id), false)::int
    WHERE room_id = NEW.room_id AND block = (NEW.seq - 1) / 1024;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Counts the blocks that a room's numbers have come to the end of. The trigger calls it when the transaction commits: by then
-- what took the numbers has been written, and the room is still locked.
CREATE OR REPLACE FUNCTION parley_blocks_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM parley_count_blocks(NEW.id, NEW.direct_low, OLD.last_seq / 1024 * 1024, NEW.last_seq / 1024 * 1024);
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Counts a room's messages, without tombstones, by blocks of 1,024 numbers: block b holds the numbers from b * 1024 + 1 to
-- (b + 1) * 1024. Counts the blocks between p_after and p_upto, which are both ends of blocks, anew if they are there. Call it
-- under the room's lock. p_low is the user with the lower id of a direct chat, null for any other room.
CREATE OR REPLACE FUNCTION parley_count_blocks(p_room bigint, p_low bigint, p_after bigint, p_upto bigint) RETURNS void
LANGUAGE sql
SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
  INSERT INTO message_blocks (room_id, block, messages, of_low)
    SELECT p_room, block, count(m.seq), count(*) FILTER (WHERE m.sender_id = p_low)
      FROM generate_series(p_after / 1024, p_upto / 1024 - 1) AS block
      LEFT JOIN LATERAL (
        SELECT seq, sender_id FROM messages
          WHERE room_id = p_room AND seq > block * 1024 AND seq <= (block + 1) * 1024 AND deleted_at IS NULL OFFSET 0
      ) m ON true
      GROUP BY block
    ON CONFLICT (room_id, block) DO UPDATE SET messages = excluded.messages, of_low = excluded.of_low
$$;
--> statement-breakpoint

-- Finds the message of a room that p_offset newer ones come after, without tombstones: seq is its number, null if there are not
-- so many, and count is how many there are. Reads the counts of whole blocks, and one block's messages, however far back it is.
CREATE OR REPLACE FUNCTION parley_numbered(p_room bigint, p_offset bigint, OUT count bigint, OUT seq bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_upto bigint;
  v_newer bigint := 0;
  v_found record;
BEGIN
  SELECT r.message_count, r.last_seq INTO count, v_upto FROM rooms r WHERE r.id = p_room;
  IF p_offset >= count THEN RETURN; END IF;
  IF p_offset >= 1024 THEN
    -- The messages of the last block, which has not come to its end.
    v_newer := count - (SELECT coalesce(sum(b.messages), 0) FROM message_blocks b WHERE b.room_id = p_room);
    IF p_offset >= v_newer THEN
      SELECT b.block, b.since - b.messages AS since INTO v_found FROM (
          SELECT c.block, c.messages, sum(c.messages) OVER (ORDER BY c.block DESC) AS since
            FROM message_blocks c WHERE c.room_id = p_room
        ) b WHERE v_newer + b.since > p_offset ORDER BY b.block DESC LIMIT 1;
      v_upto := (v_found.block + 1) * 1024;
      v_newer := v_newer + v_found.since;
    ELSE
      v_newer := 0;
    END IF;
  END IF;
  SELECT m.seq INTO seq FROM messages m WHERE m.room_id = p_room AND m.seq <= v_upto AND m.deleted_at IS NULL
    ORDER BY m.seq DESC OFFSET p_offset - v_newer LIMIT 1;
END $$;
--> statement-breakpoint

-- Removes up to p_limit rows of one deleted room, and at last the room itself. Returns how many rows it removed.
CREATE OR REPLACE FUNCTION parley_purge(p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  v_room bigint;
  v_part int;
BEGIN
  gone := 0;
  SELECT id INTO v_room FROM rooms WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM messages WHERE room_id = v_room AND seq IN
    (SELECT seq FROM messages WHERE room_id = v_room ORDER BY seq LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone < p_limit THEN
    DELETE FROM member_events WHERE room_id = v_room AND seq IN
      (SELECT seq FROM member_events WHERE room_id = v_room ORDER BY seq LIMIT p_limit - gone);
    GET DIAGNOSTICS v_part = ROW_COUNT;
    IF v_part < p_limit - gone THEN
      DELETE FROM message_blocks WHERE room_id = v_room;
      DELETE FROM rooms WHERE id = v_room;
      v_part := v_part + 1;
    END IF;
    gone := gone + v_part;
  END IF;
END $$;
--> statement-breakpoint

-- Counts all that a member of a direct chat has to read: the other user's messages after p_read, without tombstones. p_head is
-- the room's last number, p_low the user with the lower id. Reads whole blocks as they are counted, and the messages of one at
-- either end, however many there are. Null for non-members (null arguments).
CREATE OR REPLACE FUNCTION parley_unread_all(p_room bigint, p_user bigint, p_read bigint, p_head bigint, p_low bigint) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- Between them are whole blocks.
  v_first bigint := (p_read + 1023) / 1024 * 1024;
  v_last bigint := greatest(v_first, p_head / 1024 * 1024);
BEGIN
  IF p_read >= p_head THEN RETURN 0; END IF;
  RETURN (
    SELECT count(*) FROM messages WHERE room_id = p_room AND seq > p_read AND seq <= v_first
      AND sender_id <> p_user AND deleted_at IS NULL
  ) + (
    SELECT count(*) FROM messages WHERE room_id = p_room AND seq > v_last
      AND sender_id <> p_user AND deleted_at IS NULL
  ) + (
    SELECT coalesce(sum(CASE WHEN p_user = p_low THEN messages - of_low ELSE of_low END), 0) FROM message_blocks
      WHERE room_id = p_room AND block >= v_first / 1024 AND block < v_last / 1024
  );
END $$;
