//! Whether what was said for a key of a new profile can ever do, before the rest is said: so that it is asked for again at
//! once and not at the end.

use std::path::Path;

use super::{Destination, Draft};
use crate::config::Places;
use crate::config::keys::{self, Key};
use crate::config::resolve;
use crate::domain::{Failure, FailureKind, Secret};

impl Draft {
    /// Whether a profile of `~/.aws` can give what this key gives.
    pub fn can_come_from_aws(&self, key: &str) -> bool {
        resolve::other_ways(self.provider, key).contains(&"aws_profile")
    }

    /// Whether a profile of `~/.aws` that was said gives the key's value.
    pub fn has_elsewhere(&self, key: &str) -> bool {
        self.can_come_from_aws(key) && self.says("aws_profile")
    }

    /// Takes back what was said for a key that is asked for, so that it can be said again.
    pub fn unsay(&mut self, key: &str) {
        self.said.retain(|(said, _)| !is_of(said.name, key));
    }

    /// Why what was said for a key will not do, as far as that is known while the rest is still to be said. What a variable
    /// holds is known only where the profile is tried.
    pub fn refusal(&self, key: &str) -> Option<Failure> {
        self.clash(|said| is_of(said, key)).or_else(|| self.refusal_of_value(key))
    }

    /// What was said for two keys of which only one can be, where one of them is asked about.
    pub fn clash(&self, about: impl Fn(&str) -> bool) -> Option<Failure> {
        let clashes = resolve::clashes(self.provider, |key| self.said.iter().any(|(said, _)| said.name == key));
        let clash = clashes.into_iter().find(|clash| about(clash.key) || about(clash.beside))?;
        Some(Failure::new(FailureKind::Usage, format!("`{}` {}", clash.key, clash.why())).hint(clash.hint()))
    }

    fn refusal_of_value(&self, key: &str) -> Option<Failure> {
        let mut alone = Self { said: self.of(key), ..self.clone() };
        if alone.said.is_empty() {
            return None;
        }
        let sound = decides_about(key).iter().filter(|beside| self.refusal_of_value(beside).is_none());
        alone.said.extend(sound.flat_map(|beside| self.of(beside)));
        if alone.said.iter().any(|(_, value)| value.expose().contains("${")) {
            return None;
        }
        alone.fill();
        let places = Places { config: "/".into(), state: "/".into(), data: "/".into() };
        let place = Destination { file: Path::new("/"), env: &|_| None, places: &places, read_only: false };
        alone.slot(&place).and_then(|slot| slot.profile).err()
    }

    /// The first of these keys that will not do, and why.
    pub fn refused(&self, among: impl Fn(&str) -> bool) -> Option<Failure> {
        self.said.iter().map(|(key, _)| key.name).filter(|key| among(key)).find_map(|key| self.refusal(key))
    }

    fn of(&self, key: &str) -> Vec<(&'static Key, Secret)> {
        self.said.iter().filter(|(said, _)| is_of(said.name, key)).cloned().collect()
    }

    /// Says something that will do for every key that is needed.
    fn fill(&mut self) {
        let missing = self.missing();
        for key in keys::PROFILE.iter().filter(|key| missing.contains(&key.name)) {
            let value = if key.name == "endpoint" { "https://s3.example.org" } else { "x" };
            self.said.push((key, Secret::new(value)));
        }
    }
}

/// Whether a key of the file has what is asked for as this one.
fn is_of(said: &str, asked: &str) -> bool {
    said == asked || (asked == "bucket" && said == "buckets")
}

/// What else decides whether a key's value will do: any name can be a region of another service than AWS, and an endpoint
/// must not have the bucket in it.
const fn decides_about(key: &str) -> &'static [&'static str] {
    match key.as_bytes() {
        b"region" => &["endpoint"],
        b"endpoint" => &["bucket"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use crate::config::draft::PROVIDERS;
    use crate::config::draft::tests::draft;
    use crate::domain::Provider;

    #[test]
    fn a_value_that_can_never_do_is_refused_while_the_rest_is_not_said_yet() {
        let said = |provider, said: &[(&str, &str)], key| {
            draft(provider, said).refusal(key).map(|failure| failure.sentence()).unwrap_or_default()
        };
        let id = said(Provider::R2, &[("account_id", "https://abc.r2.cloudflarestorage.com")], "account_id");
        assert!(id.starts_with("`account_id` is a URL"), "{id}");
        let scheme = "`endpoint` has no scheme: write https://s3.example.org";
        assert_eq!(said(Provider::B2, &[("endpoint", "s3.example.org")], "endpoint"), scheme);
        assert!(said(Provider::S3, &[("bucket", "a/b, c")], "bucket").contains("no bucket's name"));
        assert!(said(Provider::S3, &[("region", "us-east1")], "region").contains("no region"));
        let tail = [("bucket", "pics"), ("endpoint", "https://h/pics")];
        assert!(said(Provider::S3, &tail, "endpoint").contains("ends in the bucket's name"));
        let secret = said(Provider::Uploadcare, &[("secret_key", "hunter 2")], "secret_key");
        assert!(secret.contains("has a blank") && !secret.contains("hunter"), "{secret}");
        assert!(draft(Provider::S3, &[("jobs", "many")]).refused(|_| true).is_some());
    }

    #[test]
    fn what_will_do_and_what_is_wrong_elsewhere_refuses_no_key() {
        for (said, key) in [
            (&[("region", "auto"), ("endpoint", "https://h")][..], "region"),
            (&[("region", "auto"), ("endpoint", "${ENDPOINT}")], "region"),
            (&[("region", "eu-central-1"), ("endpoint", "no-scheme")], "region"),
            (&[("bucket", "a/b"), ("endpoint", "https://h")], "endpoint"),
            (&[("database_url", "${DATABASE_URL}")], "database_url"),
            (&[("secret_access_key", "${KEY}")], "secret_access_key"),
            (&[("aws_profile", "work")], "aws_profile"),
            (&[("bucket", "a, b")], "bucket"),
            (&[], "bucket"),
        ] {
            assert_eq!(draft(Provider::S3, said).refusal(key), None, "{said:?} {key}");
        }
        for provider in PROVIDERS {
            let mut filled = draft(provider, &[]);
            filled.fill();
            assert_eq!(filled.refused(|_| true), None, "{provider}");
        }
    }

    #[test]
    fn of_two_keys_that_cannot_both_be_each_is_refused_whatever_they_hold() {
        let both = draft(Provider::S3, &[("aws_profile", "work"), ("access_key_id", "${KEY}"), ("bucket", "pics")]);
        let why = "`aws_profile` stands beside `access_key_id`, and only one of the two can be: leave one of them out, \
                   because an AWS profile gives keys of its own";
        for key in ["aws_profile", "access_key_id"] {
            assert_eq!(both.refusal(key).map(|failure| failure.sentence()).as_deref(), Some(why), "{key}");
        }
        assert_eq!(both.refusal("bucket"), None);
        let twice = draft(Provider::B2, &[("bucket", "a"), ("bucket", "b, c")]);
        assert!(
            twice.refused(|_| true).is_some_and(|failure| failure.what.contains("`buckets` stands beside `bucket`"))
        );
        let secret = [("secret_key", "x"), ("secret_key_command", "pass show x")];
        assert!(draft(Provider::Uploadcare, &secret).clash(|_| true).is_some());
    }

    #[test]
    fn what_was_said_can_be_said_again() {
        let mut one = draft(Provider::S3, &[("bucket", "a, b")]);
        one.unsay("bucket");
        one.say("bucket", "c").unwrap();
        assert!(one.says("bucket") && one.refusal("bucket").is_none() && one.values().unwrap().len() == 1);
    }
}
