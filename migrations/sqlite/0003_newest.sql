-- Pages of everyone's records, newest first, by key and without a sort (NULL is SQLite's least value).
CREATE INDEX IF NOT EXISTS {index} ON {table} (upload_timestamp DESC, id DESC);
