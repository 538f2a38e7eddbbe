-- The guide's own table, so that an app written from the guide finds what it expects.
CREATE TABLE IF NOT EXISTS {table} (
    id SERIAL PRIMARY KEY,
    {key} TEXT NOT NULL UNIQUE,
    file_url {url_type},
    user_id TEXT NOT NULL,
    upload_timestamp TIMESTAMPTZ DEFAULT NOW()
);
