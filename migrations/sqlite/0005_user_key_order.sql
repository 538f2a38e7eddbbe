-- One user's keys in the order of their bytes, for pages by name and for folders.
CREATE INDEX IF NOT EXISTS {index} ON {table} (user_id, {key});
