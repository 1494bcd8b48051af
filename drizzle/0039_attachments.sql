-- oldest build: 17
CREATE TABLE "attachment_usage" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"bytes" bigint NOT NULL,
	"hour_at" timestamp (3) with time zone NOT NULL,
	"hour_bytes" bigint NOT NULL,
	"hour_files" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attachments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "attachments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"room_id" bigint NOT NULL,
	"uploader_id" bigint NOT NULL,
	"key" text NOT NULL,
	"state" text DEFAULT 'new' NOT NULL,
	"seq" bigint,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"width" integer,
	"height" integer,
	"placeholder" text,
	"has_thumbnail" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared_secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"secret" text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "attachments_key" ON "attachments" USING btree ("key");--> statement-breakpoint
CREATE INDEX "attachments_message" ON "attachments" USING btree ("room_id","seq") WHERE state <> 'ended';--> statement-breakpoint
CREATE INDEX "attachments_unsent" ON "attachments" USING btree ("created_at") WHERE state in ('new', 'stored');--> statement-breakpoint
CREATE INDEX "attachments_ended" ON "attachments" USING btree ("id") WHERE state = 'ended';