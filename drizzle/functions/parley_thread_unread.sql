-- Counts the replies of others in a thread after p_read, without deleted ones: of the latest p_window replies, and at most p_most. Returns
-- null for null arguments.
CREATE OR REPLACE FUNCTION parley_thread_unread(p_room bigint, p_root bigint, p_user bigint, p_read bigint, p_window int, p_most int) RETURNS int
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM (
      SELECT FROM (
        SELECT sender_id FROM thread_replies WHERE room_id = p_room AND root = p_root AND NOT gone AND seq > p_read
          ORDER BY seq DESC LIMIT p_window
      ) latest WHERE sender_id <> p_user LIMIT p_most
    ) found
  );
END $$;
