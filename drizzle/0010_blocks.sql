CREATE TABLE "message_blocks" (
	"room_id" bigint NOT NULL,
	"block" bigint NOT NULL,
	"messages" integer NOT NULL,
	"of_low" integer NOT NULL,
	CONSTRAINT "message_blocks_pkey" PRIMARY KEY("room_id","block")
);
