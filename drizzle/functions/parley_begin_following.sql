-- Lets users follow threads from now on: those who have replied, have begun the thread, or are mentioned in it. p_read holds the number up
-- to which each has read the thread, unless they have followed it before. p_again is 1 if a user who has stopped to follow the thread
-- begins anew, and 0 if that stays. Each user occurs once for each thread.
CREATE OR REPLACE FUNCTION parley_begin_following(
  p_users bigint[], p_rooms bigint[], p_roots bigint[], p_read bigint[], p_again int[]
) RETURNS void LANGUAGE sql
AS $$
  INSERT INTO thread_follows AS f (user_id, room_id, root, following, read_seq, version)
    SELECT w.usr, w.room, w.root, true, w.red, 1 FROM unnest(p_users, p_rooms, p_roots, p_read, p_again) AS w(usr, room, root, red, again)
      -- Most follow it already, and a row that is looked at here is neither locked nor written.
      WHERE NOT EXISTS (
        SELECT FROM thread_follows k
          WHERE k.user_id = w.usr AND k.room_id = w.room AND k.root = w.root AND (k.following OR w.again = 0))
    ON CONFLICT (user_id, room_id, root) DO UPDATE SET following = true, version = f.version + 1 WHERE NOT f.following
$$;
