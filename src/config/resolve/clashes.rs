//! Keys of a profile of which only one can be there: the file is held to it, and whoever makes a profile in the screen or on
//! the command line.

use crate::config::keys;
use crate::domain::Provider;

/// Two keys that were both written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    /// The one that the sentence is about.
    pub key: &'static str,
    /// The one that it stands beside.
    pub beside: &'static str,
    /// What to do about it.
    hint: &'static str,
}

const AWS: &str = "leave one of them out, because an AWS profile gives keys of its own";
const EITHER: &str = "leave one of them out";
const ALL_NAMES: &str = "put all names into `buckets`, the first is the one in use";

const fn clash(key: &'static str, beside: &'static str, hint: &'static str) -> Clash {
    Clash { key, beside, hint }
}

const CLASHES: &[Clash] = &[
    clash("aws_profile", "access_key_id", AWS),
    clash("aws_profile", "secret_access_key", AWS),
    clash("aws_profile", "secret_access_key_command", AWS),
    clash("aws_profile", "session_token", AWS),
    clash("aws_profile", "session_token_command", AWS),
    clash("buckets", "bucket", ALL_NAMES),
    clash("secret_access_key_command", "secret_access_key", EITHER),
    clash("secret_key_command", "secret_key", EITHER),
    clash("session_token_command", "session_token", EITHER),
    clash("secure_delivery_secret_command", "secure_delivery_secret", EITHER),
    clash("database_url_command", "database_url", EITHER),
];

impl Clash {
    /// Half a sentence about its key.
    pub fn why(&self) -> String {
        format!("stands beside `{}`, and only one of the two can be", self.beside)
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

/// Those among the keys that are there; a key that does nothing for the provider is in nobody's way.
pub fn clashes(provider: Provider, has: impl Fn(&str) -> bool) -> Vec<Clash> {
    let of_it = |name: &str| keys::PROFILE.iter().any(|key| key.name == name && key.of.contains(&provider));
    let is_there = |name: &str| of_it(name) && has(name);
    CLASHES.iter().filter(|clash| is_there(clash.key) && is_there(clash.beside)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_clashes_is_one_of_a_profile() {
        let known = |name: &str| keys::PROFILE.iter().any(|key| key.name == name);
        assert!(CLASHES.iter().all(|clash| known(clash.key) && known(clash.beside)));
        let commands = keys::PROFILE.iter().filter_map(|key| key.name.strip_suffix("_command"));
        for plain in commands {
            assert!(CLASHES.iter().any(|clash| clash.beside == plain && clash.hint == EITHER), "{plain}");
        }
    }

    #[test]
    fn only_keys_that_do_something_clash() {
        let found = |provider, written: &[&str]| clashes(provider, |key| written.contains(&key)).len();
        assert_eq!(found(Provider::S3, &["aws_profile", "access_key_id", "bucket"]), 1);
        assert_eq!(found(Provider::R2, &["aws_profile", "access_key_id", "bucket"]), 0);
        assert_eq!(found(Provider::Uploadcare, &["bucket", "buckets", "secret_key", "secret_key_command"]), 1);
    }
}
