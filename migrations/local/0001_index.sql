-- The local bucket's index. Keys are bytes (BLOB), so that they compare as S3 orders them and nothing about them is
-- interpreted. Times are whole seconds since 1970, UTC, as precise as S3's own.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE buckets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    cors TEXT
) STRICT;

-- One row an object. Its bytes are one blob file (parts = 0, content = the blob), or the parts of the multipart upload
-- that made it (parts > 0, content = the upload's number), which stay the files that they arrived as.
CREATE TABLE objects (
    bucket INTEGER NOT NULL,
    key BLOB NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    etag TEXT NOT NULL,
    headers TEXT NOT NULL,
    checksum TEXT NOT NULL,
    content INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    bucket INTEGER NOT NULL,
    key BLOB NOT NULL,
    begun INTEGER NOT NULL,
    headers TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    composite INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX uploads_by_key ON uploads (bucket, key, id);

-- "start" is where a part lies in its finished object, in bytes; NULL while the upload is open.
CREATE TABLE parts (
    upload INTEGER NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum TEXT NOT NULL,
    blob INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX parts_by_start ON parts (upload, start);

-- Blob files that may exist although nothing above refers to them: reserved by a session that is about to write them,
-- or given up by one that has not removed them yet. A blob is either here or referred to exactly once.
CREATE TABLE loose (
    blob INTEGER PRIMARY KEY,
    session TEXT NOT NULL
) STRICT;

CREATE INDEX loose_by_session ON loose (session);
