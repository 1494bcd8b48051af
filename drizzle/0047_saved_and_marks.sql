-- oldest build: 17
ALTER TABLE "members" ADD COLUMN "unread_after" bigint;