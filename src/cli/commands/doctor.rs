//! `windlass doctor`: everything that a profile needs, looked at at once, each with how it stands and what to do. An
//! interrupt ends it only after the probe is removed from the bucket.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::{Line, Output};
use crate::doctor::{Examination, Patient, examine};
use crate::domain::display::display;
use crate::domain::finding::{Check, Finding, Status};
use crate::domain::{Failure, FailureKind, Result, cors};

/// Columns of the name of a check.
const NAMES: usize = 15;

/// How long an interrupt waits for the probe to be removed.
const REMOVING: Duration = Duration::from_secs(8);

/// Flags of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass doctor
  windlass doctor --profile prod --origin https://example.org --json

Where the profile may write, a small object is written, brought and removed
again. Ends with 1 if anything fails.")]
pub struct Flags {
    /// A page's origin that is to upload, for the check of CORS
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
}

/// Looks at everything.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let origin = flags.origin.as_deref().map(cors::origin).transpose()?;
    let patient = Patient {
        services: context.services.clone(),
        profile: context.profile_in_force()?,
        origin,
        variables: Arc::new(|name| std::env::var(name).ok()),
    };
    let mut examination = examine(patient);
    let interrupted = context.interrupted.clone();
    let told = tokio::select! {
        told = tell(&mut examination, &mut context.output) => told,
        () = interrupted.cancelled() => Err(Failure::new(FailureKind::Cancelled, "interrupted")),
    };
    examination.findings.close();
    // A bucket that does not answer any more is not waited for for ever.
    let _hangs = tokio::time::timeout(REMOVING, examination.over).await;
    if interrupted.is_cancelled() {
        return Ok(Exit::Interrupted);
    }
    told
}

/// Prints the findings in their order, each as soon as all before it are there.
async fn tell(examination: &mut Examination, output: &mut Output) -> Result<Exit> {
    let mut early = BTreeMap::new();
    let mut next = Check::ALL.iter();
    let mut awaited = next.next();
    let mut counts = Counts::default();
    while let Some(finding) = examination.findings.recv().await {
        counts.add(finding.status);
        early.insert(finding.check, finding);
        while let Some(finding) = awaited.and_then(|check| early.remove(check)) {
            output.print(&Row::from(finding))?;
            awaited = next.next();
        }
        output.flush()?;
    }
    // A check that said nothing must not hide the others.
    for finding in early.into_values() {
        output.print(&Row::from(finding))?;
    }
    output.say(&counts.line())?;
    Ok(Exit::failed_if(counts.failed > 0))
}

/// How many findings there were of which sort.
#[derive(Default)]
struct Counts {
    all: usize,
    failed: usize,
    warned: usize,
}

impl Counts {
    fn add(&mut self, status: Status) {
        self.all += 1;
        self.failed += usize::from(status == Status::Fail);
        self.warned += usize::from(status == Status::Warn);
    }

    fn line(&self) -> String {
        format!("{} checks: {} failed, {} to know", self.all, self.failed, self.warned)
    }
}

/// One finding. Where it is several things, they stand behind each other in JSON.
#[derive(Serialize)]
struct Row {
    check: &'static str,
    status: &'static str,
    detail: String,
    hint: Option<String>,
    /// As a person reads it.
    #[serde(skip)]
    lines: Vec<String>,
}

impl From<Finding> for Row {
    fn from(finding: Finding) -> Self {
        let details: Vec<&str> = finding.each().into_iter().map(|(detail, _)| detail).collect();
        let mut hints: Vec<&str> = finding.each().into_iter().filter_map(|(_, hint)| hint).collect();
        let mut told = HashSet::new();
        hints.retain(|hint| told.insert(*hint));
        Self {
            check: finding.check.name(),
            status: finding.status.name(),
            detail: details.join("; "),
            hint: (!hints.is_empty()).then(|| hints.join("; ")),
            lines: lines(&finding),
        }
    }
}

/// What was seen, and what to do beneath it.
fn lines(finding: &Finding) -> Vec<String> {
    let each = finding.each().into_iter();
    each.flat_map(|(detail, hint)| {
        let hint = hint.map(|hint| format!("-> {}", display(hint)));
        std::iter::once(display(detail).into_owned()).chain(hint)
    })
    .collect()
}

impl Line for Row {
    fn text(&self) -> Option<String> {
        let below = format!("\n{:w$}", "", w = NAMES + 6);
        Some(format!("{:4}  {:NAMES$}{}", self.status, self.check, self.lines.join(&below)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Remark;

    #[test]
    fn a_finding_is_a_line_and_what_to_do_the_next() {
        let mut finding = Finding {
            check: Check::Dns,
            status: Status::Ok,
            detail: "h is 127.0.0.1".into(),
            hint: None,
            further: vec![],
            by_clock: false,
        };
        assert_eq!(Row::from(finding.clone()).text().unwrap(), "ok    dns            h is 127.0.0.1");
        finding.hint = Some("do it".into());
        let text = Row::from(finding.clone()).text().unwrap();
        assert_eq!(text.lines().nth(1), Some("                     -> do it"));
        let remark = |detail: &str, hint: &str| Remark { detail: detail.into(), hint: Some(hint.into()) };
        finding.further = vec![remark("it hangs", "look"), remark("it is late", "do it")];
        let row = Row::from(finding);
        assert_eq!(
            (row.detail.as_str(), row.hint.as_deref()),
            ("h is 127.0.0.1; it hangs; it is late", Some("do it; look"))
        );
        let text = row.text().unwrap();
        let below: Vec<&str> = text.lines().skip(1).map(str::trim_start).collect();
        assert_eq!(below, ["-> do it", "it hangs", "-> look", "it is late", "-> do it"]);
    }
}
