-- What happened in rooms besides messages, of whatever type. Only the catalogue changes, so this takes as long for a large table as
-- for a small one: it waits for the statements that use the table, and the next ones wait for it.
ALTER TABLE "member_events" RENAME TO "room_events";--> statement-breakpoint
ALTER TABLE "room_events" RENAME COLUMN "change" TO "type";--> statement-breakpoint
ALTER TABLE "room_events" RENAME CONSTRAINT "member_events_pkey" TO "room_events_pkey";--> statement-breakpoint
ALTER TABLE "room_events" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "room_events" ADD COLUMN "payload" jsonb;--> statement-breakpoint

-- For nodes of the version before, which run until they are restarted: their queries read this, and a function that they called
-- before the migration and that still runs writes through it. It has only the types that they know.
CREATE VIEW "member_events" AS
  SELECT "room_id", "seq", "user_id", "actor_id", "type" AS "change", "role", "created_at" FROM "room_events"
  WHERE "type" IN ('joined', 'left', 'removed', 'invited', 'uninvited', 'role', 'described');
