-- Substrings of keys. Left out where the server cannot have pg_trgm; then a search looks at the rows themselves.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} USING gin ({key} {trgm}.gin_trgm_ops);
