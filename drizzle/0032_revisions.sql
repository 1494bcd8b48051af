-- oldest build: 17
CREATE TABLE "message_revisions" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"version" bigint NOT NULL,
	"body" text NOT NULL,
	"details" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"replaced_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "message_revisions_pkey" PRIMARY KEY("room_id","seq","version")
);
--> statement-breakpoint
CREATE INDEX "message_revisions_replaced" ON "message_revisions" USING btree ("replaced_at");