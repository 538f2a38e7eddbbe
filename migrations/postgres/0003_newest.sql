-- Pages of everyone's records, newest first, by key and without a sort.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} (upload_timestamp DESC NULLS LAST, id DESC);
