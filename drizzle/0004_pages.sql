DROP INDEX "invitations_user";--> statement-breakpoint
DROP INDEX "rooms_creator";--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "message_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "members_invited" ON "members" USING btree ("user_id","room_id") WHERE invited;--> statement-breakpoint
CREATE INDEX "rooms_direct_high" ON "rooms" USING btree ("direct_high") WHERE direct_high is not null;--> statement-breakpoint
CREATE INDEX "invitations_user" ON "invitations" USING btree ("user_id","room_id");--> statement-breakpoint
CREATE INDEX "rooms_creator" ON "rooms" USING btree ("creator_id","id") WHERE deleted_at is null and kind <> 'direct';