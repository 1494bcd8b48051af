-- Removes the rows of attachments that have ended and whose bytes are gone. Their uploaders may upload as much again. The rows of
-- usage are locked in the order of their users.
CREATE OR REPLACE FUNCTION parley_forget_attachments(p_ids bigint[], OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  gone := 0;
  FOR r IN
    WITH forgotten AS (
      DELETE FROM attachments WHERE id = ANY (p_ids) AND state = 'ended' RETURNING uploader_id, size
    )
    SELECT f.uploader_id, sum(f.size)::bigint AS bytes, count(*)::int AS files FROM forgotten f
      GROUP BY f.uploader_id ORDER BY f.uploader_id
  LOOP
    UPDATE attachment_usage SET bytes = bytes - r.bytes WHERE user_id = r.uploader_id;
    gone := gone + r.files;
  END LOOP;
END $$;
