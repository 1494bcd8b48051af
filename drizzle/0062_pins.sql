-- oldest build: 17
CREATE TABLE "pins" (
	"room_id" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"event_seq" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pins_pkey" PRIMARY KEY("room_id","seq")
);
