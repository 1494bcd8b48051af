-- oldest build: 17
CREATE TABLE "private_entries" (
	"user_id" bigint NOT NULL,
	"room_id" bigint NOT NULL,
	"type" text NOT NULL,
	"item" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"value" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "private_entries_pkey" PRIMARY KEY("user_id","room_id","type","item")
);
--> statement-breakpoint
CREATE TABLE "private_heads" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"forgotten_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "private_entries" ADD CONSTRAINT "private_entries_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "private_heads" ADD CONSTRAINT "private_heads_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "private_entries_seq" ON "private_entries" USING btree ("user_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "private_entries_kept" ON "private_entries" USING btree ("type","user_id","seq") WHERE value is not null;--> statement-breakpoint
CREATE INDEX "private_entries_gone" ON "private_entries" USING btree ("created_at") WHERE value is null;--> statement-breakpoint
CREATE INDEX "private_entries_room" ON "private_entries" USING btree ("room_id");