-- oldest build: 17
CREATE TABLE "mentions" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"message_id" bigint NOT NULL,
	"named" boolean NOT NULL,
	"online" boolean NOT NULL,
	CONSTRAINT "mentions_pkey" PRIMARY KEY("room_id","seq","user_id")
);
--> statement-breakpoint
CREATE TABLE "room_mentions" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"message_id" bigint NOT NULL,
	"sender_id" bigint NOT NULL,
	CONSTRAINT "room_mentions_pkey" PRIMARY KEY("room_id","seq")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "mentions_unread" ON "mentions" USING btree ("user_id","room_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "mentions_latest" ON "mentions" USING btree ("user_id","message_id");--> statement-breakpoint
CREATE UNIQUE INDEX "room_mentions_latest" ON "room_mentions" USING btree ("room_id","message_id");