-- Removes up to p_limit rows of one deleted room, and finally the room itself. Returns how many rows it removed.
CREATE OR REPLACE FUNCTION parley_purge(p_limit int, OUT gone int) LANGUAGE plpgsql AS $$
DECLARE
  v_room bigint;
  v_part int;
BEGIN
  gone := 0;
  SELECT id INTO v_room FROM rooms WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM messages WHERE room_id = v_room AND seq IN
    (SELECT seq FROM messages WHERE room_id = v_room ORDER BY seq LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_events WHERE room_id = v_room AND seq IN
    (SELECT seq FROM room_events WHERE room_id = v_room ORDER BY seq LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM reactions WHERE (room_id, seq, user_id, reaction) IN (
    SELECT r.room_id, r.seq, r.user_id, r.reaction FROM reactions r WHERE r.room_id = v_room ORDER BY r.seq LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM reaction_summaries WHERE room_id = v_room AND seq IN
    (SELECT s.seq FROM reaction_summaries s WHERE s.room_id = v_room ORDER BY s.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_revisions WHERE (room_id, seq, version) IN (
    SELECT m.room_id, m.seq, m.version FROM message_revisions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM private_entries WHERE (user_id, type, item) IN
    (SELECT e.user_id, e.type, e.item FROM private_entries e WHERE e.room_id = v_room LIMIT p_limit - parley_purge.gone)
    AND room_id = v_room;
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  -- Their rows go once their bytes are gone.
  UPDATE attachments SET state = 'ended' WHERE id IN (
    SELECT a.id FROM attachments a WHERE a.room_id = v_room AND a.state <> 'ended' ORDER BY a.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_participants WHERE (room_id, root, user_id) IN (
    SELECT x.room_id, x.root, x.user_id FROM thread_participants x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM threads WHERE (room_id, root) IN (
    SELECT x.room_id, x.root FROM threads x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_follows WHERE (user_id, room_id, root) IN (
    SELECT x.user_id, x.room_id, x.root FROM thread_follows x WHERE x.room_id = v_room LIMIT p_limit - gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM thread_replies r WHERE (r.room_id, r.root, r.gone, r.seq) IN (
    SELECT x.room_id, x.root, x.gone, x.seq FROM thread_replies x WHERE x.room_id = v_room LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM mentions WHERE (room_id, seq, user_id) IN (
    SELECT m.room_id, m.seq, m.user_id FROM mentions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_mentions WHERE room_id = v_room AND seq IN
    (SELECT m.seq FROM room_mentions m WHERE m.room_id = v_room ORDER BY m.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_audit WHERE room_id = v_room AND id IN
    (SELECT a.id FROM room_audit a WHERE a.room_id = v_room ORDER BY a.id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM room_reports WHERE room_id = v_room AND id IN
    (SELECT p.id FROM room_reports p WHERE p.room_id = v_room ORDER BY p.id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM slow_sends WHERE room_id = v_room AND user_id IN
    (SELECT s.user_id FROM slow_sends s WHERE s.room_id = v_room ORDER BY s.user_id LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM pins WHERE room_id = v_room AND seq IN
    (SELECT p.seq FROM pins p WHERE p.room_id = v_room ORDER BY p.seq LIMIT p_limit - parley_purge.gone);
  GET DIAGNOSTICS v_part = ROW_COUNT;
  gone := gone + v_part;
  IF gone >= p_limit THEN RETURN; END IF;
  DELETE FROM message_blocks WHERE room_id = v_room;
  DELETE FROM rooms WHERE id = v_room;
  gone := gone + 1;
END $$;
