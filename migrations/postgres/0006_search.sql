-- Substrings of keys. Left out where the server cannot have pg_trgm; then a search looks at the rows themselves. Since
-- PostgreSQL 14 the planner also takes this index for lists of whole keys, and reads what is pending in it from end to end
-- for each of them: 30 s for 10,000 records written and looked up in turn, with the least that may be pending 0.9 s.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} USING gin ({key} {trgm}.gin_trgm_ops)
    WITH (gin_pending_list_limit = 64);
