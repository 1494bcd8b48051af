-- oldest build: 17
-- Whoever changes who is a member of a room, the room gets another member_version in the same transaction.
CREATE TRIGGER members_added AFTER INSERT ON members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION parley_members_changed();
--> statement-breakpoint

CREATE TRIGGER members_removed AFTER DELETE ON members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION parley_members_changed();
