//! pg_trgm, the extension whose indexes find a substring: whether it is there, can be had, and has an index on the keys.
//! Where not, why not, in words that the screen shows.

use sqlx::postgres::PgConnection;
use sqlx::{Error, Row, query, raw_sql};

use super::table::Table;
use crate::catalog::needle::{NO_EXTENSION, NOT_ALLOWED, NOT_OPEN};
use crate::domain::capability::Reason;

/// Of the table `t.oid` and the column `$2`: whether an index of trigrams that knows all rows is there, whoever made it.
const INDEXED: &str = "EXISTS (SELECT FROM pg_index i JOIN pg_opclass o ON o.oid = ANY (i.indclass) \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
     WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = $2 \
         AND o.opcname IN ('gin_trgm_ops', 'gist_trgm_ops'))";

/// What a search can go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// An index of trigrams is there.
    pub indexed: bool,
    /// Policies hold for the role, and let no index be used.
    pub secured: bool,
    /// The database's locale knows letters of ASCII alone.
    pub only_ascii: bool,
    /// The database's encoding is UTF-8, in which what is not ASCII has more bytes than characters.
    pub utf8: bool,
    /// How many rows the statistics know of; `None` where there are none yet.
    pub rows: Option<u64>,
}

/// What a search of the table can go by.
pub async fn means(connection: &mut PgConnection, table: &Table) -> Result<Means, Error> {
    let sql = format!(
        "SELECT {INDEXED}, coalesce(row_security_active(t.oid), false), \
             (SELECT datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()), \
             (SELECT reltuples::bigint FROM pg_class WHERE oid = t.oid), \
             current_setting('server_encoding') = 'UTF8' \
         FROM (SELECT to_regclass($1)::oid AS oid) t"
    );
    let asked = query(sqlx::AssertSqlSafe(sql)).bind(&table.quoted).bind(table.key).persistent(false);
    let row = asked.fetch_one(connection).await?;
    let rows: Option<i64> = row.try_get(3)?;
    let (indexed, secured, only_ascii) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let utf8 = row.try_get(4)?;
    Ok(Means { indexed, secured, only_ascii, utf8, rows: rows.and_then(|rows| u64::try_from(rows).ok()) })
}

/// Why the role cannot have the extension; `None` where it has it or can. Since PostgreSQL 13 it is trusted: whoever
/// may create schemas in a database may add it.
pub async fn refused(connection: &mut PgConnection) -> Result<Option<Reason>, Error> {
    let sql = "SELECT (SELECT has_schema_privilege(extnamespace, 'USAGE') FROM pg_extension WHERE extname = 'pg_trgm'), \
             EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'), \
             (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \
                 OR has_database_privilege(current_database(), 'CREATE') \
                     AND EXISTS (SELECT FROM pg_available_extension_versions v \
                         WHERE name = 'pg_trgm' AND (to_jsonb(v) ->> 'trusted')::boolean)";
    let row = query(sql).persistent(false).fetch_one(connection).await?;
    let installed: Option<bool> = row.try_get(0)?;
    let (available, allowed): (bool, bool) = (row.try_get(1)?, row.try_get(2)?);
    Ok(match (installed, available) {
        (Some(open), _) => Some(NOT_OPEN).filter(|_| !open),
        (None, false) => Some(NO_EXTENSION),
        (None, true) => Some(NOT_ALLOWED).filter(|_| !allowed),
    })
}

/// Adds the extension where it is not there yet; answers its schema, quoted, or `None` where the server will not have it.
pub async fn install(connection: &mut PgConnection) -> Result<Option<String>, Error> {
    match raw_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm").execute(&mut *connection).await {
        // The server has spoken; another migration may also just have added it.
        Ok(_) | Err(Error::Database(_)) => schema(connection).await,
        Err(error) => Err(error),
    }
}

/// Where its operators are: often in a schema that no search path has.
async fn schema(connection: &mut PgConnection) -> Result<Option<String>, Error> {
    let sql = "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
               WHERE e.extname = 'pg_trgm'";
    let row = query(sql).persistent(false).fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}
