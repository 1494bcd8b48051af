-- Gives the room another member_version when a member's role changes, since the role decides who may post where only the staff may. Roles
-- change one at a time; the functions here hold the room's lock already.
CREATE OR REPLACE FUNCTION parley_role_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rooms SET member_version = floor(random() * 9007199254740991) + 1 WHERE id = NEW.room_id;
  RETURN NULL;
END $$;
