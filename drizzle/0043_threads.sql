-- oldest build: 17
CREATE TABLE "thread_follows" (
	"user_id" bigint NOT NULL,
	"room_id" bigint NOT NULL,
	"root" bigint NOT NULL,
	"following" boolean NOT NULL,
	"read_seq" bigint NOT NULL,
	"version" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "thread_follows_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "thread_follows_pkey" PRIMARY KEY("user_id","room_id","root")
);
--> statement-breakpoint
CREATE TABLE "thread_participants" (
	"room_id" bigint NOT NULL,
	"root" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"replies" integer NOT NULL,
	"first_seq" bigint NOT NULL,
	CONSTRAINT "thread_participants_pkey" PRIMARY KEY("room_id","root","user_id")
);
--> statement-breakpoint
CREATE TABLE "thread_progress" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"done_id" bigint NOT NULL,
	"until_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "thread_replies" (
	"room_id" bigint NOT NULL,
	"root" bigint NOT NULL,
	"gone" boolean NOT NULL,
	"seq" bigint NOT NULL,
	"sender_id" bigint NOT NULL,
	CONSTRAINT "thread_replies_pkey" PRIMARY KEY("room_id","root","gone","seq")
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"room_id" bigint NOT NULL,
	"root" bigint NOT NULL,
	"replies" integer NOT NULL,
	"participants" integer NOT NULL,
	"users" bigint[] NOT NULL,
	"last_seq" bigint,
	"last_at" timestamp (3) with time zone,
	"changed_seq" bigint NOT NULL,
	CONSTRAINT "threads_pkey" PRIMARY KEY("room_id","root")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "thread" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "in_room" boolean DEFAULT true NOT NULL;--> statement-breakpoint
CREATE INDEX "thread_follows_user" ON "thread_follows" USING btree ("user_id","following","id");--> statement-breakpoint
CREATE INDEX "thread_follows_room" ON "thread_follows" USING btree ("room_id");--> statement-breakpoint
CREATE UNIQUE INDEX "thread_participants_first" ON "thread_participants" USING btree ("room_id","root","first_seq");