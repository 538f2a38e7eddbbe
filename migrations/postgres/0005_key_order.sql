-- Keys in the order in which a bucket lists them (bytes), for prefixes and for comparing table and bucket.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} (({key} COLLATE "C"));
