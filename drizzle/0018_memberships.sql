-- oldest build: 17
CREATE TABLE "membership_changes" (
	"user_id" bigint NOT NULL,
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"type" text NOT NULL,
	"role" text,
	"actor_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "membership_changes_pkey" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
CREATE TABLE "membership_heads" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"forgotten_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "membership_changes" ADD CONSTRAINT "membership_changes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership_heads" ADD CONSTRAINT "membership_heads_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "membership_changes_seq" ON "membership_changes" USING btree ("user_id","seq");--> statement-breakpoint
CREATE INDEX "membership_changes_ended" ON "membership_changes" USING btree ("created_at") WHERE role is null and type <> 'invited';