-- oldest build: 17
-- No statement reads the statistics of keys, and gathering them takes long.
ALTER TABLE search_docs ALTER COLUMN keys SET STATISTICS 0;
--> statement-breakpoint

CREATE TRIGGER messages_reworded AFTER UPDATE OF body, deleted_at ON messages
  FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
  EXECUTE FUNCTION parley_message_reworded();
--> statement-breakpoint

CREATE TRIGGER messages_gone AFTER DELETE ON messages REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION parley_messages_gone();
--> statement-breakpoint

-- Queues all messages that there are.
INSERT INTO search_queue (first_id, last_id)
  SELECT first, first + 499 FROM generate_series(
    (SELECT min(id) FROM messages), (SELECT max(id) FROM messages), 500) AS first;
--> statement-breakpoint

-- Functions that nodes have begun to run may still write messages as before, and queue nothing. They are looked for a minute later.
INSERT INTO search_queue (first_id, last_id, claimed_until)
  SELECT first, first + 499, clock_timestamp() + interval '1 minute'
  FROM generate_series((SELECT last_value + 1 FROM message_ids), (SELECT last_value + 20000 FROM message_ids), 500) AS first
  WHERE EXISTS (SELECT FROM messages);
