//! Row-level security: whether it holds for the role that a profile connects as, and the SQL that sets it up for a guide's
//! table. Windlass never runs that SQL itself: roles and policies are their owner's to decide.

use sqlx::postgres::PgConnection;
use sqlx::{Error, Row, query};

use super::table::Table;
use crate::domain::RowSecurity;

/// The setting that the policy reads where the profile names none.
const SETTING: &str = "app.user_id";

/// What holds for the table and the role that is connected.
pub async fn row_security(connection: &mut PgConnection, table: &Table) -> Result<RowSecurity, Error> {
    // `row_security_active` alone knows every way around a policy; the role's attributes say which one it is.
    let sql = "SELECT c.relrowsecurity, row_security_active(c.oid), r.rolname::text, r.rolsuper, r.rolbypassrls \
               FROM pg_class c, pg_roles r WHERE c.oid = to_regclass($1) AND r.rolname = current_user";
    let Some(row) = query(sql).bind(&table.quoted).persistent(false).fetch_optional(connection).await? else {
        return Ok(RowSecurity::Unknown);
    };
    let (enabled, active): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    let (role, superuser, bypasses): (String, bool, bool) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
    Ok(match (enabled, active) {
        (false, _) => RowSecurity::Off,
        (true, true) => RowSecurity::Active,
        (true, false) => RowSecurity::Bypassed { role, why: why(superuser, bypasses) },
    })
}

fn why(superuser: bool, bypasses: bool) -> &'static str {
    match (superuser, bypasses) {
        (true, _) => "it is a superuser",
        (_, true) => "it has BYPASSRLS",
        _ => "it owns the table, which is not set to FORCE ROW LEVEL SECURITY",
    }
}

/// The policy for a table, and a role that it holds for. Running it twice does no harm.
pub fn policy(table: &Table, setting: Option<&str>) -> String {
    let (quoted, name, schema) = (&table.quoted, table.name, &table.schema);
    let setting = setting.unwrap_or(SETTING);
    // The setting's name was checked when the profile was read: letters, digits, `_` and dots.
    let mine = format!("user_id = current_setting('{setting}', true)");
    format!(
        "-- Run this as the owner of {shown}. It keeps each user's rows from the others.\n\
         ALTER TABLE {quoted} ENABLE ROW LEVEL SECURITY;\n\
         ALTER TABLE {quoted} FORCE ROW LEVEL SECURITY;\n\
         DROP POLICY IF EXISTS windlass_own_rows ON {quoted};\n\
         CREATE POLICY windlass_own_rows ON {quoted}\n    USING ({mine})\n    WITH CHECK ({mine});\n\
         \n\
         -- Policies do not hold for superusers and roles with BYPASSRLS, which roles from Neon's console have.\n\
         -- Make a role by SQL, and use it in database_url:\n\
         -- CREATE ROLE app LOGIN PASSWORD '...' NOSUPERUSER NOBYPASSRLS;\n\
         -- GRANT USAGE ON SCHEMA {schema} TO app;\n\
         -- GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted} TO app;\n\
         -- GRANT USAGE ON SEQUENCE {schema}.\"{name}_id_seq\" TO app;\n\
         -- and in the profile: rls_setting = \"{setting}\", user_id = \"...\"\n",
        shown = table.shown,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_way_around_is_named() {
        assert_eq!(why(true, true), "it is a superuser");
        assert_eq!(why(false, true), "it has BYPASSRLS");
        assert!(why(false, false).starts_with("it owns the table"));
    }
}
