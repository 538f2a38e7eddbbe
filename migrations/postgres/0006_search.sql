-- Substrings of keys. Left out where the server cannot have pg_trgm; then a search looks at the rows themselves. Since
-- PostgreSQL 14 the planner also takes this index for lists of whole keys where it knows little of the table, and reads what
-- is pending in it from end to end for each of them: 10,000 keys looked up by another program would take half a minute.
-- Windlass keeps the planner from it. With 256 kB a write costs a fifth less than with 64, and a search 0.1 ms more at most.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} USING gin ({key} {trgm}.gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
