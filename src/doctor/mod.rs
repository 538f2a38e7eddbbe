//! The doctor: looks at everything that a profile needs, from its configuration to the clipboard, at once and within
//! seconds, and says of each how it stands and what to do. What it writes into the bucket it removes again.

mod access;
mod bucket;
mod database;
mod machine;
mod probe;
mod report;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::finding::{Check, Finding};
use crate::services::Services;
use report::{Report, Verdict};

/// The checks that need the bucket.
const OF_BUCKET: [Check; 12] = [
    Check::Dns,
    Check::Connection,
    Check::Tls,
    Check::Clock,
    Check::Credentials,
    Check::Read,
    Check::Write,
    Check::PresignedGet,
    Check::PresignedPut,
    Check::PublicUrl,
    Check::Delete,
    Check::Cors,
];

/// The checks that need the database.
const OF_DATABASE: [Check; 5] = [Check::Database, Check::DatabaseTls, Check::Migrations, Check::Rls, Check::Pooler];

/// Reads an environment variable.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Whom to look at.
#[derive(Clone)]
pub struct Patient {
    /// What is open.
    pub services: Arc<Services>,
    /// Which profile.
    pub profile: String,
    /// A page's origin that is meant to upload; without one a development server's is tried.
    pub origin: Option<String>,
    /// The environment, which tells the terminal and the clipboard.
    pub variables: Variables,
}

/// An examination that goes on; every check is found out about exactly once.
pub struct Examination {
    /// The findings, in the order in which they come.
    pub findings: mpsc::Receiver<Finding>,
    /// Ends when everything that was written is removed again, also after the findings were closed.
    pub over: JoinHandle<()>,
}

/// Begins. Whoever needs no more closes the findings; what was written is removed all the same.
pub fn examine(patient: Patient) -> Examination {
    let (report, findings) = Report::new();
    let over = tokio::spawn(async move {
        tokio::join!(machine::look(&patient, &report), remote(&patient, &report));
    });
    Examination { findings, over }
}

/// The profile's two sides.
async fn remote(patient: &Patient, report: &Report) {
    let opened = report.within(patient.services.connect(&patient.profile)).await;
    let connection = match opened {
        Some(Ok(connection)) => connection,
        Some(Err(failure)) => {
            report.say(Check::Configuration, failure.into()).await;
            return report.skip(&rest(), "the profile cannot be opened").await;
        }
        None => {
            let what = "opening the profile took too long: a command for a secret, or the disk, hangs";
            report.say(Check::Configuration, Verdict::fail(what, "run the command of the secret by itself")).await;
            return report.skip(&rest(), "the profile was not opened").await;
        }
    };
    report.say(Check::Configuration, machine::configuration(patient, &connection)).await;
    tokio::join!(bucket::look(patient, &connection, report), database::look(&connection, report));
}

fn rest() -> Vec<Check> {
    [OF_BUCKET.as_slice(), OF_DATABASE.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_belongs_to_one_part() {
        let of_machine = [Check::Configuration, Check::Secrets, Check::Clipboard, Check::Terminal];
        let mut all = [rest(), of_machine.to_vec()].concat();
        all.sort();
        assert_eq!(all, Check::ALL);
    }
}
