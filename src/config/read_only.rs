//! What is said where a read-only profile refuses a write: which one, and how that can be changed.

use super::Profile;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind};

/// A profile that is not to be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOnly {
    profile: String,
    way: String,
}

impl ReadOnly {
    /// Why that profile is, where it is.
    pub fn of(profile: &Profile) -> Self {
        let name = display(&profile.name).into_owned();
        let way = match profile.table().filter(|_| !profile.read_only_now) {
            Some(table) => format!("set read_only = false in {table}"),
            None => "leave --read-only out".into(),
        };
        Self { profile: name, way }
    }

    /// The failure of what is not done: "the catalog is not migrated".
    pub fn refuses(&self, what: &str) -> Failure {
        let what = format!("{what}: profile {} is read-only", self.profile);
        Failure::new(FailureKind::ReadOnly, what).hint(self.way.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProfileSource;
    use crate::domain::Provider;

    #[test]
    fn the_way_out_is_the_flag_or_the_line_of_the_file() {
        let source = ProfileSource::File("/c/config.toml".into());
        let own = Profile { read_only: true, ..Profile::blank("work/pics", source, Provider::S3) };
        let said = |profile: &Profile| ReadOnly::of(profile).refuses("nothing was queued").sentence();
        let of_file = "set read_only = false in [profiles.work] of /c/config.toml";
        assert_eq!(said(&own), format!("nothing was queued: profile work/pics is read-only; {of_file}"));
        let flagged = Profile { read_only_now: true, ..own };
        assert!(said(&flagged).ends_with("is read-only; leave --read-only out"));
    }
}
