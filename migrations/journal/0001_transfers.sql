-- The queue's journal. One row a transfer; `owner` is the process that runs it (see src/transfer/runner.rs), `wish`
-- what another process asks of that one. Times are microseconds since 1970, UTC; sizes are bytes.
CREATE TABLE transfers (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL,
    owner          TEXT,
    wish           TEXT,
    profile        TEXT NOT NULL,
    object_key     TEXT NOT NULL,
    path           BLOB,
    size           INTEGER,
    acknowledged   INTEGER NOT NULL DEFAULT 0,
    content_type   TEXT,
    on_conflict    TEXT NOT NULL,
    without_record INTEGER NOT NULL DEFAULT 0,
    url            TEXT,
    checksum       TEXT,
    etag           TEXT,
    error          TEXT,
    attempts       INTEGER NOT NULL DEFAULT 0,
    not_before     INTEGER,
    queued_at      INTEGER NOT NULL,
    stored_at      INTEGER,
    finished_at    INTEGER,
    upload_id      TEXT,
    part_size      INTEGER,
    source_size    INTEGER,
    source_mtime   INTEGER,
    source_inode   INTEGER,
    source_device  INTEGER
) STRICT;

CREATE INDEX transfers_finished ON transfers (finished_at) WHERE finished_at IS NOT NULL;

-- The parts of multipart uploads that the bucket has acknowledged.
CREATE TABLE parts (
    transfer TEXT NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    etag     TEXT NOT NULL,
    checksum TEXT,
    PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;
