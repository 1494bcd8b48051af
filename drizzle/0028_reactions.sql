-- oldest build: 17
CREATE TABLE "reaction_summaries" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"reactions" text[] NOT NULL,
	"counts" integer[] NOT NULL,
	"told_at" timestamp (3) with time zone NOT NULL,
	"gone" boolean DEFAULT false NOT NULL,
	CONSTRAINT "reaction_summaries_pkey" PRIMARY KEY("room_id","seq")
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"reaction" text NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "reactions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reactions_pkey" PRIMARY KEY("room_id","seq","user_id","reaction")
);
--> statement-breakpoint
CREATE INDEX "reaction_summaries_gone" ON "reaction_summaries" USING btree ("room_id","seq") WHERE gone;--> statement-breakpoint
CREATE UNIQUE INDEX "reactions_order" ON "reactions" USING btree ("reaction","room_id","seq","id");