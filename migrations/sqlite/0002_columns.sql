-- What Windlass knows of an object besides; each statement is left out where the column is there already.
ALTER TABLE {table} ADD COLUMN bucket TEXT;
ALTER TABLE {table} ADD COLUMN size_bytes INTEGER;
ALTER TABLE {table} ADD COLUMN content_type TEXT;
ALTER TABLE {table} ADD COLUMN etag TEXT;
ALTER TABLE {table} ADD COLUMN checksum TEXT;
ALTER TABLE {table} ADD COLUMN verified_at INTEGER;
