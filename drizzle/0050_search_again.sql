-- oldest build: 17
-- Files count like words, and each message has more grams than before, so all are indexed again.
DROP TRIGGER messages_reworded ON messages;
--> statement-breakpoint

CREATE TRIGGER messages_reworded AFTER UPDATE OF body, details, deleted_at ON messages
  FOR EACH ROW WHEN (
    OLD.body IS DISTINCT FROM NEW.body OR OLD.details IS DISTINCT FROM NEW.details OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at
  )
  EXECUTE FUNCTION parley_message_reworded();
--> statement-breakpoint

TRUNCATE search_docs;
--> statement-breakpoint

INSERT INTO search_queue (first_id, last_id)
  SELECT first, first + 499 FROM generate_series(
    (SELECT min(id) FROM messages), (SELECT max(id) FROM messages), 500) AS first;
