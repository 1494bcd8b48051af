-- oldest build: 17
CREATE INDEX "rooms_public_prefix" ON "rooms" USING btree ((name_key collate "C"),"id") WHERE kind = 'public' and name_key is not null;