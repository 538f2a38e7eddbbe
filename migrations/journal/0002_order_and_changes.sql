-- The queue's order, which the user may change; NULL is the place where the transfer was queued, its seq.
ALTER TABLE transfers ADD COLUMN rank INTEGER;

-- The number of the commit that changed a row last, so that another process reads only what is new to it.
ALTER TABLE transfers ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX transfers_changed ON transfers (changed);

-- One row: the number of the last commit, and of the last one that removed a transfer.
CREATE TABLE clock (
    now     INTEGER NOT NULL,
    removed INTEGER NOT NULL
) STRICT;

INSERT INTO clock (now, removed) VALUES (0, 0);
