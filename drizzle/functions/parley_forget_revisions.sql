-- Removes up to p_limit former texts of messages that were replaced more than p_days days ago. Returns how many it removed.
CREATE OR REPLACE FUNCTION parley_forget_revisions(p_days int, p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_revisions WHERE (room_id, seq, version) IN (
    SELECT r.room_id, r.seq, r.version FROM message_revisions r
      WHERE r.replaced_at < now() - p_days * interval '1 day' ORDER BY r.replaced_at LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
END $$;
