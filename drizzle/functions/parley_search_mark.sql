-- Returns the key of search_docs that stands for a property of messages. Kinds: 0 to 4 the block of ids that a message's id is in, of
-- 4096 * 8 ^ kind ids, counted from 0; 5 its room; 6 its sender; 7 a flag: 0 its room is public, 1 it has files. Keys of different
-- properties can be equal once values pass 2 ^ 28, so whoever searches by a key compares the property itself afterwards.
CREATE OR REPLACE FUNCTION parley_search_mark(p_kind int, p_value bigint) RETURNS int LANGUAGE sql IMMUTABLE
RETURN (-1 - (p_value * 8 + p_kind) % 2147483647)::int;
