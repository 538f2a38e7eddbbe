-- The guide's table in SQLite's types; times are microseconds since 1970, UTC.
CREATE TABLE IF NOT EXISTS {table} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {key} TEXT NOT NULL UNIQUE,
    file_url TEXT,
    user_id TEXT NOT NULL,
    upload_timestamp INTEGER DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
);
