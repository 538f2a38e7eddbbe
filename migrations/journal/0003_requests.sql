-- When an upload request's presigned PUT ends; NULL where the object is up already and only its record is due.
ALTER TABLE transfers ADD COLUMN expires_at INTEGER;

-- Whether a delete takes every version of its key that the bucket keeps.
ALTER TABLE transfers ADD COLUMN versions INTEGER NOT NULL DEFAULT 0;
