-- Counts a room's messages, without tombstones, by blocks of 1,024 numbers: block b holds the numbers from b * 1024 + 1 to
-- (b + 1) * 1024. Counts the blocks between p_after and p_upto, both of which are ends of blocks, and replaces earlier counts of
-- them. Call it under the room's lock. p_low is the user with the lower id in a direct chat, null for any other room.
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
