-- The same pages for one user.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} (user_id, upload_timestamp DESC NULLS LAST, id DESC);
