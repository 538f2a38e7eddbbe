//! The one table of what `config.toml` may say: every key, the shape of its value and whom it is for. The reader, the
//! messages about unknown keys and the test of `config.example.toml` all come from it.

use crate::domain::Provider;

/// What a key's value must look like in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string, in which `${VARIABLE}` is filled in.
    Text,
    /// An array of strings.
    Texts,
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Count,
    /// A string such as `"10M"`, or a whole number of bytes.
    Size,
    /// A string such as `"1h"`, or a whole number of seconds.
    Span,
}

impl Shape {
    /// As messages name it: "must be ...".
    pub const fn wanted(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Texts => "a list of texts, such as [\"a\", \"b\"]",
            Self::Switch => "true or false",
            Self::Count => "a whole number",
            Self::Size => "a size such as \"10M\"",
            Self::Span => "a length of time such as \"1h\"",
        }
    }
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// The providers that it means something for; settings are for all.
    pub of: &'static [Provider],
}

const ALL: &[Provider] = &[Provider::S3, Provider::R2, Provider::B2, Provider::Uploadcare, Provider::Local];
const FAMILY: &[Provider] = &[Provider::S3, Provider::R2, Provider::B2];
const BUCKETS: &[Provider] = &[Provider::S3, Provider::R2, Provider::B2, Provider::Local];
const REMOTE: &[Provider] = &[Provider::S3, Provider::R2, Provider::B2, Provider::Uploadcare];
const R2: &[Provider] = &[Provider::R2];
const S3: &[Provider] = &[Provider::S3];
const UPLOADCARE: &[Provider] = &[Provider::Uploadcare];

const fn key(name: &'static str, shape: Shape, of: &'static [Provider]) -> Key {
    Key { name, shape, of }
}

/// The tables that the top level has besides its keys.
pub const TABLES: &[&str] = &["transfers", "profiles"];

/// The top level.
pub const TOP: &[Key] = &[
    key("default_profile", Shape::Text, ALL),
    key("clipboard", Shape::Text, ALL),
    key("mouse", Shape::Switch, ALL),
    key("theme", Shape::Text, ALL),
    key("ascii", Shape::Switch, ALL),
    key("images", Shape::Text, ALL),
    key("env_files", Shape::Switch, ALL),
];

/// `[transfers]`.
pub const TRANSFERS: &[Key] = &[
    key("jobs", Shape::Count, ALL),
    key("rate", Shape::Size, ALL),
    key("symlinks", Shape::Text, ALL),
    key("empty_folders", Shape::Switch, ALL),
    key("notify", Shape::Text, ALL),
    key("keep_done", Shape::Span, ALL),
];

/// `[profiles.NAME]`.
pub const PROFILE: &[Key] = &[
    key("provider", Shape::Text, ALL),
    key("account_id", Shape::Text, R2),
    key("jurisdiction", Shape::Text, R2),
    key("access_key_id", Shape::Text, FAMILY),
    key("secret_access_key", Shape::Text, FAMILY),
    key("secret_access_key_command", Shape::Text, FAMILY),
    key("session_token", Shape::Text, FAMILY),
    key("session_token_command", Shape::Text, FAMILY),
    key("aws_profile", Shape::Text, S3),
    key("bucket", Shape::Text, BUCKETS),
    key("buckets", Shape::Texts, BUCKETS),
    key("endpoint", Shape::Text, FAMILY),
    key("region", Shape::Text, FAMILY),
    key("path_style", Shape::Switch, FAMILY),
    key("ca_file", Shape::Text, REMOTE),
    key("public_base_url", Shape::Text, BUCKETS),
    key("public_key", Shape::Text, UPLOADCARE),
    key("secret_key", Shape::Text, UPLOADCARE),
    key("secret_key_command", Shape::Text, UPLOADCARE),
    key("cdn_base", Shape::Text, UPLOADCARE),
    key("secure_delivery_secret", Shape::Text, UPLOADCARE),
    key("secure_delivery_secret_command", Shape::Text, UPLOADCARE),
    key("upload_base", Shape::Text, UPLOADCARE),
    key("api_base", Shape::Text, UPLOADCARE),
    key("database_url", Shape::Text, ALL),
    key("database_url_command", Shape::Text, ALL),
    key("database_tls", Shape::Text, ALL),
    key("schema", Shape::Text, ALL),
    key("rls_setting", Shape::Text, ALL),
    key("user_id", Shape::Text, ALL),
    key("key_template", Shape::Text, ALL),
    key("link_expiry", Shape::Span, ALL),
    key("read_only", Shape::Switch, ALL),
    key("jobs", Shape::Count, ALL),
    key("rate", Shape::Size, ALL),
];

/// Keys whose literal value is a secret; a file that has one should be its owner's alone.
pub const SECRETS: &[&str] =
    &["secret_access_key", "session_token", "secret_key", "secure_delivery_secret", "database_url"];

/// How alike (Jaro-Winkler, 0 to 1) a wrong name and a known one must be before the known one is proposed.
const ALIKE: f64 = 0.8;

/// The known name that a wrong one was probably meant to be.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wrong, &name.replace('-', "_")), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

/// The key of a table that was probably meant by one that it does not know.
pub fn meant(wrong: &str, table: &'static [Key]) -> Option<&'static str> {
    if home_of(wrong).is_some() { None } else { nearest(wrong, table.iter().map(|key| key.name)) }
}

/// What to say about a key that a table does not know: the nearest one, the table it belongs to, or all there are.
pub fn advice(wrong: &str, table: &[Key], top: bool) -> String {
    let tables = if top { TABLES } else { &[] };
    let names = || table.iter().map(|key| key.name).chain(tables.iter().copied());
    if let Some(home) = home_of(wrong) {
        return format!("`{wrong}` belongs {home}");
    }
    match nearest(wrong, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the keys here are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

fn home_of(name: &str) -> Option<&'static str> {
    let has = |table: &[Key]| table.iter().any(|key| key.name == name);
    if has(TOP) {
        Some("at the top of the file, before the first [table]")
    } else if has(TRANSFERS) {
        Some("in [transfers]")
    } else if has(PROFILE) {
        Some("in a [profiles.NAME]")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_table_names_a_key_twice() {
        for table in [TOP, TRANSFERS, PROFILE] {
            let names: HashSet<_> = table.iter().map(|key| key.name).collect();
            assert_eq!(names.len(), table.len());
        }
    }

    #[test]
    fn slips_of_the_finger_find_their_key() {
        let names = || PROFILE.iter().map(|key| key.name);
        for (wrong, right) in [
            ("buket", "bucket"),
            ("access-key-id", "access_key_id"),
            ("secret_acces_key", "secret_access_key"),
            ("Endpoint", "endpoint"),
            ("userid", "user_id"),
            ("readonly", "read_only"),
            ("public_url", "public_base_url"),
        ] {
            assert_eq!(nearest(wrong, names()), Some(right), "{wrong}");
        }
        assert_eq!(nearest("zzz", names()), None);
    }

    #[test]
    fn a_key_in_the_wrong_table_is_sent_home() {
        assert!(advice("jobs", TOP, true).contains("belongs in [transfers]"));
        assert!(advice("profile", TOP, true).contains("`profiles`"));
        assert!(advice("xyz", TRANSFERS, false).contains("the keys here are jobs, rate"));
    }
}
