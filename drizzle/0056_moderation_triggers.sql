-- oldest build: 17
-- Whoever mutes a member, or changes a role, the room gets another member_version in the same transaction.
CREATE TRIGGER mutes_added AFTER INSERT ON mutes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION parley_members_changed();
--> statement-breakpoint

CREATE TRIGGER mutes_renewed AFTER UPDATE ON mutes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION parley_members_changed();
--> statement-breakpoint

CREATE TRIGGER roles_changed AFTER UPDATE OF role ON members
  FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION parley_role_changed();
