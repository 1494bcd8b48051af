-- oldest build: 17
ALTER TABLE "users" ADD COLUMN "metadata" text;--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "metadata" text;