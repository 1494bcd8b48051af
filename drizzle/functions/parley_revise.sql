-- What nodes of build 29 and before call instead of parley_revise_message: the details stay, and nothing is kept of what the message
-- said. Goes once the window of versions begins after it.
CREATE OR REPLACE FUNCTION parley_revise(
  p_room bigint, p_seq bigint, p_actor bigint, p_actor_role text, p_body text,
  OUT version bigint, OUT edited timestamptz, OUT deleted timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.version, r.edited, r.deleted INTO version, edited, deleted
    FROM parley_revise_message(p_room, p_seq, p_actor, p_actor_role, p_body, NULL, NULL) r;
END $$;
