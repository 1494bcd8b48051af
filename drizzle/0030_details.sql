-- oldest build: 17
ALTER TABLE "messages" ADD COLUMN "details" jsonb;