//! What a profile's fields are called where somebody wrote them: keys of `config.toml`, or the variables of a guide. A
//! sentence that says what to check takes its names from here, so that it names what can be found.

use std::collections::BTreeMap;

/// The names of a profile's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FieldNames {
    /// Their keys, which stand in the profile.
    #[default]
    Keys,
    /// The same, with where they stand.
    KeysOf(Table),
    /// The variables that mean the same, by key.
    Variables(BTreeMap<&'static str, &'static str>),
}

/// Where a profile's keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// As a sentence names it: `[profiles.work] of /c/config.toml`.
    pub place: String,
    /// The keys whose values a command prints, which stands there instead.
    pub by_command: Vec<&'static str>,
}

impl Table {
    fn list(&self, keys: &[&'static str]) -> String {
        let written = |key: &&'static str| match self.by_command.contains(key) {
            true => format!("{key}_command"),
            false => (*key).to_owned(),
        };
        let names: Vec<String> = keys.iter().map(written).collect();
        format!("{} in {}", names.join(" and "), self.place)
    }
}

impl FieldNames {
    /// Those of a profile that variables make. What makes the endpoint stands for it, and an endpoint that is given stands
    /// for the account that would make one.
    pub fn of_variables(
        names: impl Iterator<Item = (&'static str, &'static str)>,
        endpoint: Option<&'static str>,
    ) -> Self {
        let mut names: BTreeMap<_, _> = names.collect();
        let maker = names.get("account_id").or_else(|| names.get("region")).copied();
        if let Some(endpoint) = endpoint {
            names.insert("account_id", endpoint);
        }
        names.extend(endpoint.or(maker).map(|name| ("endpoint", name)));
        Self::Variables(names)
    }

    /// What a field is called; `None` where no variable says it.
    pub fn of(&self, key: &'static str) -> Option<&'static str> {
        match self {
            Self::Keys | Self::KeysOf(_) => Some(key),
            Self::Variables(names) => names.get(key).copied(),
        }
    }

    /// Some fields, as a sentence names them: `bucket and region in the profile`, `S3_BUCKET and S3_REGION`. What no variable
    /// says is left out, unless nothing else is there.
    pub fn list(&self, keys: &[&'static str]) -> String {
        let mut names: Vec<&str> = keys.iter().filter_map(|key| self.of(key)).collect();
        names.dedup();
        match (self, keys) {
            (Self::Keys | Self::KeysOf(_), ["endpoint"]) => "the endpoint in the profile".into(),
            (Self::Keys | Self::KeysOf(_), _) => format!("{} in the profile", names.join(" and ")),
            (Self::Variables(_), _) if names.is_empty() => {
                format!("{} of a profile in config.toml", keys.join(" and "))
            }
            (Self::Variables(_), _) => names.join(" and "),
        }
    }

    /// The same of credentials, with the file that has them where it is known: nobody guesses where a secret stands.
    pub fn credentials(&self, keys: &[&'static str]) -> String {
        match self {
            Self::KeysOf(table) => table.list(keys),
            _ => self.list(keys),
        }
    }

    /// A field with a value, as it is to be written; `None` where no variable says it.
    pub fn setting(&self, key: &'static str, value: &str) -> Option<String> {
        let name = self.of(key)?;
        Some(match self {
            Self::Keys | Self::KeysOf(_) => format!("{name} = \"{value}\" in the profile"),
            Self::Variables(_) => format!("{name}={value}"),
        })
    }

    /// Whether variables of a guide make the profile.
    pub fn are_variables(&self) -> bool {
        matches!(self, Self::Variables(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_credentials_the_file_is_named_where_it_is_known() {
        let of_file = |by_command: &[&'static str]| {
            let place = "[profiles.work] of /c/config.toml".into();
            FieldNames::KeysOf(Table { place, by_command: by_command.into() })
        };
        let secret = ["secret_access_key"];
        let by_command = of_file(&secret);
        assert_eq!(
            by_command.credentials(&["access_key_id", "secret_access_key"]),
            "access_key_id and secret_access_key_command in [profiles.work] of /c/config.toml"
        );
        let of_file = of_file(&[]);
        assert_eq!(of_file.credentials(&secret), "secret_access_key in [profiles.work] of /c/config.toml");
        assert_eq!(of_file.list(&["bucket"]), "bucket in the profile");
        assert_eq!(FieldNames::Keys.credentials(&secret), "secret_access_key in the profile");
        let variables = FieldNames::of_variables([("secret_access_key", "S")].into_iter(), None);
        assert_eq!(variables.credentials(&secret), "S");
    }

    #[test]
    fn a_field_is_called_what_it_was_written_as() {
        let variables = FieldNames::of_variables([("bucket", "B"), ("account_id", "A")].into_iter(), Some("E"));
        let list = |names: &FieldNames, keys: &[&'static str]| names.list(keys);
        assert_eq!(list(&FieldNames::Keys, &["bucket", "region"]), "bucket and region in the profile");
        assert_eq!(list(&FieldNames::Keys, &["endpoint"]), "the endpoint in the profile");
        assert_eq!(list(&variables, &["bucket", "region"]), "B");
        assert_eq!(list(&variables, &["account_id", "endpoint"]), "E", "one variable is named once");
        let made = FieldNames::of_variables([("bucket", "B"), ("account_id", "A")].into_iter(), None);
        assert_eq!(list(&made, &["endpoint"]), "A", "what makes the endpoint");
        assert_eq!(list(&variables, &["region"]), "region of a profile in config.toml");
        assert_eq!(FieldNames::Keys.setting("region", "x").unwrap(), "region = \"x\" in the profile");
        assert_eq!((variables.setting("bucket", "x"), variables.setting("region", "x")), (Some("B=x".into()), None));
    }
}
