-- The same pages for one user.
CREATE INDEX IF NOT EXISTS {index} ON {table} (user_id, upload_timestamp DESC, id DESC);
