CREATE TABLE "guests" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"stay" bigint DEFAULT 1 NOT NULL,
	"beats" bigint DEFAULT 0 NOT NULL,
	"left_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "guests" ADD CONSTRAINT "guests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "guests_free" ON "guests" USING btree ("left_at") WHERE left_at is not null;
--> statement-breakpoint
-- Guests from before: whoever is still a member of a room may have been left there by a node that died, which no sign of life will
-- contradict. Accounts of those who said nothing are free.
INSERT INTO guests (user_id, left_at)
SELECT u.id, CASE WHEN EXISTS (SELECT FROM members m WHERE m.user_id = u.id) THEN NULL ELSE now() END
FROM users u
WHERE u.kind = 'guest' AND (
  EXISTS (SELECT FROM members m WHERE m.user_id = u.id)
  OR NOT EXISTS (SELECT FROM messages s WHERE s.sender_id = u.id)
);
