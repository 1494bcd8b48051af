-- What nodes of build 29 and before call instead of parley_describe_room: the metadata stays. Goes once the window of versions begins
-- after it.
CREATE OR REPLACE FUNCTION parley_describe(
  p_room bigint, p_actor bigint, p_actor_role text, p_description text, p_avatar text,
  OUT seq bigint, OUT at timestamptz, OUT described text, OUT pictured text
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT d.seq, d.at, d.described, d.pictured INTO seq, at, described, pictured
    FROM parley_describe_room(p_room, p_actor, p_actor_role, p_description, p_avatar, NULL) d;
END $$;
