-- Makes an account; made is null when its name is taken, in any case, or looks like another's. ASCII names never count as looking
-- alike. Simultaneous calls for names that look alike take turns.
CREATE OR REPLACE FUNCTION parley_create_user(
  p_username text, p_key text, p_look_alike text, p_password_hash text, p_kind text, OUT made bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_look_alike, 1));
  IF (SELECT true FROM users u WHERE u.look_alike = p_look_alike
    AND octet_length(u.username || p_username) > char_length(u.username || p_username) LIMIT 1) IS NOT NULL
  THEN RETURN; END IF;
  INSERT INTO users (username, username_key, look_alike, password_hash, kind)
    VALUES (p_username, p_key, p_look_alike, p_password_hash, p_kind)
    ON CONFLICT DO NOTHING RETURNING id, created_at INTO made, at;
END $$;
