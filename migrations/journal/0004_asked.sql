-- What somebody else was asked to upload, apart from what came: a request that is tried again compares with this.
ALTER TABLE transfers ADD COLUMN asked_size INTEGER;
ALTER TABLE transfers ADD COLUMN asked_type TEXT;
UPDATE transfers SET asked_size = size, asked_type = content_type WHERE expires_at IS NOT NULL;
