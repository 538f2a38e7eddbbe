//! The migrations: what each step is called, makes, and how its placeholders are filled. Which steps are in force is
//! read from the table itself, since a table is the user's and anybody may change it, so each step can be repeated.

use super::CatalogTarget;
use super::needle::{NOT_BUILT, SECURED};
use crate::domain::capability::Reason;

/// The columns that Windlass adds to a guide's table.
pub const OWN_COLUMNS: [&str; 6] = ["bucket", "size_bytes", "content_type", "etag", "checksum", "verified_at"];

/// Windlass's own bookkeeping: which step it applied to which table, and when.
pub const BOOKKEEPING: &str = "windlass_migrations";

/// What a step makes, and so how to tell that it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// The guide's table.
    Table,
    /// Windlass's columns.
    Columns,
    /// An index; its name is the table's with this ending.
    Index(&'static str),
    /// The index of trigrams for searches, named likewise; a server that cannot have it goes without.
    Optional(&'static str),
}

/// One step. Steps are only ever added, never changed.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its file's name without the extension.
    pub name: &'static str,
    /// What it makes.
    pub makes: Makes,
    /// Its file, placeholders and all.
    sql: &'static str,
}

/// The names that fill the placeholders, quoted as SQL wants them.
pub struct Names<'a> {
    /// `{table}`.
    pub table: &'a str,
    /// `{key}`.
    pub key: &'a str,
    /// `{index}`.
    pub index: &'a str,
    /// `{url_type}`.
    pub url_type: &'a str,
    /// `{trgm}`: the schema of pg_trgm.
    pub trgm: &'a str,
}

impl Step {
    /// The step's SQL for a table, without the comments.
    pub fn sql(&self, names: &Names<'_>) -> String {
        let lines: Vec<&str> = self.sql.lines().filter(|line| !line.starts_with("--")).collect();
        let sql = lines.join("\n").replace("{table}", names.table).replace("{key}", names.key);
        sql.replace("{index}", names.index).replace("{url_type}", names.url_type).replace("{trgm}", names.trgm)
    }

    /// The name of the index that the step makes on a table; empty where it makes none.
    pub fn index_name(&self, table: &str) -> String {
        match self.makes {
            Makes::Index(ending) | Makes::Optional(ending) => format!("{table}{ending}"),
            Makes::Table | Makes::Columns => String::new(),
        }
    }
}

/// What a table has.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Whether it is there.
    pub table_exists: bool,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Names of its indexes that can be used.
    pub indexes: Vec<String>,
    /// Names of its indexes that an interrupted build left behind, of no use to anybody.
    pub broken_indexes: Vec<String>,
    /// Whether an index of trigrams is there, whoever made it.
    pub searchable: bool,
    /// Why there can be none; `None` where there can.
    pub refused: Option<Reason>,
    /// Whether policies hold for the role, and let no such index be used.
    pub secured: bool,
}

impl Inventory {
    /// Whether a step is in force.
    pub fn holds(&self, step: &Step, table: &str) -> bool {
        match step.makes {
            Makes::Table => self.table_exists,
            Makes::Columns => OWN_COLUMNS.iter().all(|column| self.has_column(column)),
            Makes::Index(_) => self.indexes.contains(&step.index_name(table)),
            Makes::Optional(_) => self.searchable,
        }
    }

    /// Why a search has no index to go by, as far as the table and the role decide that.
    pub fn unindexed(&self) -> Option<Reason> {
        match self {
            Self { table_exists: false, .. } => None,
            Self { secured: true, .. } => Some(SECURED),
            Self { searchable: true, .. } => None,
            Self { refused, .. } => Some(refused.unwrap_or(NOT_BUILT)),
        }
    }

    /// Whether a column is there.
    pub fn has_column(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// Whether a step could be applied, were it not in force.
    pub fn allows(&self, step: &Step) -> bool {
        self.refused.is_none() || !matches!(step.makes, Makes::Optional(_))
    }

    /// The steps' names: in force, and pending, without what cannot be.
    pub fn divide(&self, steps: &[Step], table: &str) -> (Vec<String>, Vec<String>) {
        let (applied, pending): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| self.holds(step, table));
        let pending = pending.into_iter().filter(|step| self.allows(step)).collect();
        let names = |steps: Vec<&Step>| steps.iter().map(|step| step.name.to_owned()).collect();
        (names(applied), names(pending))
    }

    /// The columns of a guide's table that this one lacks.
    pub fn missing_guide_columns(&self, target: &CatalogTarget) -> Vec<&'static str> {
        target.guide_columns().into_iter().filter(|column| !self.has_column(column)).collect()
    }
}

macro_rules! step {
    ($folder:literal, $name:literal, $makes:expr) => {
        Step {
            name: $name,
            makes: $makes,
            sql: include_str!(concat!("../../migrations/", $folder, "/", $name, ".sql")),
        }
    };
}

/// PostgreSQL's steps, in order.
pub const POSTGRES: [Step; 7] = [
    step!("postgres", "0001_table", Makes::Table),
    step!("postgres", "0002_columns", Makes::Columns),
    step!("postgres", "0003_newest", Makes::Index("_windlass_newest")),
    step!("postgres", "0004_newest_of_user", Makes::Index("_windlass_user_newest")),
    step!("postgres", "0005_key_order", Makes::Index("_windlass_key_order")),
    step!("postgres", "0006_search", Makes::Optional("_windlass_search")),
    step!("postgres", "0007_user_key_order", Makes::Index("_windlass_user_key_order")),
];

/// SQLite's steps, in order. Keys are in byte order by their unique index already.
pub const SQLITE: [Step; 5] = [
    step!("sqlite", "0001_table", Makes::Table),
    step!("sqlite", "0002_columns", Makes::Columns),
    step!("sqlite", "0003_newest", Makes::Index("_windlass_newest")),
    step!("sqlite", "0004_newest_of_user", Makes::Index("_windlass_user_newest")),
    step!("sqlite", "0005_user_key_order", Makes::Index("_windlass_user_key_order")),
];

/// What steps of these names make, for people: `columns and indexes`.
pub fn in_words(names: &[String]) -> String {
    let made = |is: fn(&Makes) -> bool| {
        let mut steps = POSTGRES.iter().chain(&SQLITE);
        steps.any(|step| is(&step.makes) && names.iter().any(|name| name == step.name))
    };
    let words = [
        ("the table", made(|makes| matches!(makes, Makes::Table))),
        ("columns", made(|makes| matches!(makes, Makes::Columns))),
        ("indexes", made(|makes| matches!(makes, Makes::Index(_) | Makes::Optional(_)))),
    ];
    let words: Vec<&str> = words.into_iter().filter(|(_, made)| *made).map(|(word, _)| word).collect();
    words.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steps_make_is_said_in_words() {
        let said = |names: &[&str]| in_words(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&["0002_columns", "0003_newest", "0005_key_order"]), "columns and indexes");
        assert_eq!((said(&["0004_newest_of_user"]), said(&["0006_search"])), ("indexes".into(), "indexes".into()));
        assert_eq!(said(&["0001_table", "0002_columns"]), "the table and columns");
    }

    #[test]
    fn no_placeholder_is_left_and_every_step_can_be_repeated() {
        let names = Names { table: "t", key: "k", index: "i", url_type: "TEXT", trgm: "public" };
        for step in POSTGRES.iter().chain(&SQLITE) {
            let sql = step.sql(&names);
            assert!(!sql.contains(['{', '}']), "{sql}");
            let repeatable = sql.contains("IF NOT EXISTS") || step.makes == Makes::Columns;
            assert!(repeatable && !sql.contains("DROP"), "{sql}");
        }
    }

    #[test]
    fn every_own_column_is_in_both_column_steps() {
        for step in [POSTGRES[1], SQLITE[1]] {
            for column in OWN_COLUMNS {
                assert!(step.sql.contains(&format!(" {column} ")), "{column}");
            }
        }
    }
}
