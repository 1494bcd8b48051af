-- oldest build: 17
ALTER TABLE "rooms" ADD COLUMN "member_version" bigint DEFAULT 0 NOT NULL;