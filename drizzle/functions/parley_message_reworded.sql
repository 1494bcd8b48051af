-- Takes a message out of the search in the transaction that changes its words or files or deletes it, whoever does that. New words are queued, and
-- found as soon as a node has indexed them.
CREATE OR REPLACE FUNCTION parley_message_reworded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_docs d WHERE d.id = NEW.id;
  IF NEW.deleted_at IS NULL THEN INSERT INTO search_queue (first_id, last_id) VALUES (NEW.id, NEW.id); END IF;
  RETURN NULL;
END $$;
