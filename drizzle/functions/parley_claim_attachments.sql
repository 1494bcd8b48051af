-- Gives stored attachments to a message that is being written. p_attachments lists their ids; its sender must have uploaded each to
-- the room, and no message may have it. Returns what the message says of them, in the same order; null, and changes nothing, if one of
-- them is not such. Called under the room's lock.
CREATE OR REPLACE FUNCTION parley_claim_attachments(
  p_room bigint, p_seq bigint, p_sender bigint, p_attachments jsonb, OUT facts jsonb
) LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
  v_ids bigint[] := ARRAY(SELECT jsonb_array_elements_text(p_attachments)::bigint);
  v_found int;
BEGIN
  -- Locked in the order of their ids, as everywhere. A row that is ended meanwhile no longer counts.
  SELECT count(*) INTO v_found FROM (
    SELECT FROM attachments a
      WHERE a.id = ANY (v_ids) AND a.room_id = p_room AND a.uploader_id = p_sender AND a.state = 'stored'
      ORDER BY a.id FOR UPDATE
  ) locked;
  IF v_found <> cardinality(v_ids) THEN RETURN; END IF;
  WITH sent AS (
    UPDATE attachments a SET state = 'sent', seq = p_seq WHERE a.id = ANY (v_ids) RETURNING a.*
  )
  SELECT jsonb_agg(jsonb_build_object(
      'id', s.id, 'name', s.name, 'type', s.type, 'size', s.size, 'width', s.width, 'height', s.height,
      'placeholder', s.placeholder, 'hasThumbnail', s.has_thumbnail) ORDER BY w.place)
    INTO facts FROM unnest(v_ids) WITH ORDINALITY AS w(id, place) JOIN sent s ON s.id = w.id;
END $$;
