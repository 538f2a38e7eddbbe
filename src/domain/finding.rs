//! What the doctor finds: one finding a check, in the order in which a person looks for a fault.

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// The profile can be used as it is configured.
    Configuration,
    /// Files with secrets are the user's alone.
    Secrets,
    /// The host of the bucket has an address.
    Dns,
    /// It takes connections.
    Connection,
    /// Its certificate is trusted.
    Tls,
    /// This machine's clock agrees with the server's.
    Clock,
    /// The provider knows the key, and the secret is its own.
    Credentials,
    /// Objects can be listed or looked up.
    Read,
    /// An object can be written.
    Write,
    /// A presigned link brings it.
    PresignedGet,
    /// A presigned upload works.
    PresignedPut,
    /// The public URL brings it.
    PublicUrl,
    /// It can be deleted.
    Delete,
    /// What a page's upload would meet.
    Cors,
    /// The database answers.
    Database,
    /// Its connection is encrypted, and its certificate verified.
    DatabaseTls,
    /// The table has what Windlass needs.
    Migrations,
    /// Row-level security holds where the profile counts on it.
    Rls,
    /// What a pooler stands in front of can be reached.
    Pooler,
    /// How a link reaches the clipboard.
    Clipboard,
    /// Colours.
    Terminal,
}

impl Check {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 21] = [
        Self::Configuration,
        Self::Secrets,
        Self::Dns,
        Self::Connection,
        Self::Tls,
        Self::Clock,
        Self::Credentials,
        Self::Read,
        Self::Write,
        Self::PresignedGet,
        Self::PresignedPut,
        Self::PublicUrl,
        Self::Delete,
        Self::Cors,
        Self::Database,
        Self::DatabaseTls,
        Self::Migrations,
        Self::Rls,
        Self::Pooler,
        Self::Clipboard,
        Self::Terminal,
    ];

    /// Its name, in JSON and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Secrets => "secrets",
            Self::Dns => "dns",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Clock => "clock",
            Self::Credentials => "credentials",
            Self::Read => "read",
            Self::Write => "write",
            Self::PresignedGet => "presigned-get",
            Self::PresignedPut => "presigned-put",
            Self::PublicUrl => "public-url",
            Self::Delete => "delete",
            Self::Cors => "cors",
            Self::Database => "database",
            Self::DatabaseTls => "database-tls",
            Self::Migrations => "migrations",
            Self::Rls => "rls",
            Self::Pooler => "pooler",
            Self::Clipboard => "clipboard",
            Self::Terminal => "terminal",
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// It does not apply, or could not be looked at.
    Skip,
    /// It works, but a person should know.
    Warn,
    /// It does not work.
    Fail,
}

impl Status {
    /// Its name, in JSON and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skip => "skip",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How it stands.
    pub status: Status,
    /// What was seen; no secret, no presigned URL.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
    /// What else was seen, where several things were at once; each is told for itself.
    pub further: Vec<Remark>,
    /// What is wrong is this machine's clock, and nothing in the profile.
    pub by_clock: bool,
}

/// One thing of several that were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What was seen.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Finding {
    /// All that was seen, each with what to do; what is to be done about several behind each other comes with the last.
    pub fn each(&self) -> Vec<(&str, Option<&str>)> {
        let further = self.further.iter().map(|remark| (remark.detail.as_str(), remark.hint.as_deref()));
        let all: Vec<_> = std::iter::once((self.detail.as_str(), self.hint.as_deref())).chain(further).collect();
        let next = all.iter().skip(1).map(|(_, hint)| *hint).chain([None]);
        let told = all.iter().zip(next);
        told.map(|((detail, hint), next)| (*detail, hint.filter(|hint| next != Some(*hint)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_about_several_is_told_once_and_beneath_them() {
        let remark = |detail: &str, hint: Option<&str>| Remark { detail: detail.into(), hint: hint.map(str::to_owned) };
        let further = vec![remark("b", Some("look")), remark("c", None), remark("d", Some("think"))];
        let (check, status) = (Check::Configuration, Status::Warn);
        let finding =
            Finding { check, status, detail: "a".into(), hint: Some("look".into()), further, by_clock: false };
        assert_eq!(finding.each(), [("a", None), ("b", Some("look")), ("c", None), ("d", Some("think"))]);
    }

    #[test]
    fn the_order_is_that_of_the_names_and_no_check_is_missing() {
        let mut sorted = Check::ALL;
        sorted.sort();
        assert_eq!(sorted, Check::ALL);
        let names: std::collections::BTreeSet<_> = Check::ALL.iter().map(|check| check.name()).collect();
        assert_eq!(names.len(), Check::ALL.len());
    }
}
