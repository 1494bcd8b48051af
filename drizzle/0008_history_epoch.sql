CREATE TABLE "history_beats" (
	"node" text PRIMARY KEY NOT NULL,
	"beat" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "history_epoch" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"number" bigint NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
INSERT INTO "history_epoch" ("number", "name") VALUES (1, left(replace(gen_random_uuid()::text, '-', ''), 8));
