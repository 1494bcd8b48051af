-- oldest build: 17
DROP INDEX "rooms_name";--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "name_key" text;--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "look_alike" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "look_alike" text;--> statement-breakpoint
CREATE INDEX "rooms_public_key" ON "rooms" USING btree ("name_key") WHERE kind = 'public' and name_key is not null;--> statement-breakpoint
CREATE INDEX "rooms_hidden_key" ON "rooms" USING btree ("name_key","id") WHERE kind <> 'public' and name_key is not null;--> statement-breakpoint
CREATE INDEX "rooms_look_alike" ON "rooms" USING btree ("look_alike") WHERE kind = 'public' and look_alike is not null;--> statement-breakpoint
CREATE INDEX "rooms_unfolded" ON "rooms" USING btree ("name") WHERE name is not null and name_key is null and deleted_at is null;--> statement-breakpoint
CREATE INDEX "users_look_alike" ON "users" USING btree ("look_alike");--> statement-breakpoint
CREATE INDEX "users_unfolded" ON "users" USING btree ("id") WHERE look_alike is null;