-- Writes the row of an attachment whose bytes are about to be stored, at the expense of its uploader's limits. id is null when the limits
-- do not allow it: then left_bytes says what they allow, and wait_ms, if above 0, how long until the user's hour is over.
CREATE OR REPLACE FUNCTION parley_add_attachment(
  p_room bigint, p_uploader bigint, p_key text, p_name text, p_type text, p_size bigint, p_width int, p_height int,
  p_placeholder text, p_has_thumbnail boolean, p_quota bigint, p_hour_bytes bigint, p_hour_files int,
  OUT id bigint, OUT left_bytes bigint, OUT wait_ms bigint
) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_usage attachment_usage;
BEGIN
  INSERT INTO attachment_usage AS u (user_id, bytes, hour_at, hour_bytes, hour_files) VALUES (p_uploader, 0, v_now, 0, 0)
    ON CONFLICT (user_id) DO UPDATE SET
      hour_at = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN v_now ELSE u.hour_at END,
      hour_bytes = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN 0 ELSE u.hour_bytes END,
      hour_files = CASE WHEN u.hour_at < v_now - interval '1 hour' THEN 0 ELSE u.hour_files END
    RETURNING u.* INTO v_usage;
  left_bytes := greatest(0, p_quota - v_usage.bytes);
  wait_ms := 0;
  IF left_bytes < p_size THEN RETURN; END IF;
  IF v_usage.hour_files >= p_hour_files OR v_usage.hour_bytes + p_size > p_hour_bytes THEN
    left_bytes := CASE WHEN v_usage.hour_files >= p_hour_files THEN 0 ELSE greatest(0, p_hour_bytes - v_usage.hour_bytes) END;
    wait_ms := greatest(1, extract(epoch FROM v_usage.hour_at + interval '1 hour' - v_now) * 1000);
    RETURN;
  END IF;
  UPDATE attachment_usage u SET bytes = u.bytes + p_size, hour_bytes = u.hour_bytes + p_size, hour_files = u.hour_files + 1
    WHERE u.user_id = p_uploader;
  INSERT INTO attachments AS a
      (room_id, uploader_id, key, name, type, size, width, height, placeholder, has_thumbnail, created_at)
    VALUES (p_room, p_uploader, p_key, p_name, p_type, p_size, p_width, p_height, p_placeholder, p_has_thumbnail,
      date_trunc('milliseconds', v_now))
    RETURNING a.id INTO parley_add_attachment.id;
END $$;
