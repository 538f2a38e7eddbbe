//! How findings get out: what a check came to, the time it may take, and the one channel that they all go through.

use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::domain::finding::{Check, Finding, Remark, Status};
use crate::domain::{Failure, FailureKind};

/// How long one check may take.
pub const ONE: Duration = Duration::from_secs(5);

/// How long all of them may take, but for what removes the probe.
const ALL: Duration = Duration::from_secs(12);

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub status: Status,
    pub detail: String,
    pub hint: Option<String>,
    pub further: Vec<Remark>,
    pub by_clock: bool,
}

impl Verdict {
    pub fn ok(detail: impl Into<String>) -> Self {
        Self { status: Status::Ok, detail: detail.into(), hint: None, further: Vec::new(), by_clock: false }
    }

    pub fn skip(why: impl Into<String>) -> Self {
        Self { status: Status::Skip, ..Self::ok(why) }
    }

    pub fn warn(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status: Status::Warn, hint: Some(hint.into()), ..Self::ok(detail) }
    }

    pub fn fail(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status: Status::Fail, ..Self::warn(detail, hint) }
    }

    /// The same with another thing to do.
    pub fn with_hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn late() -> Self {
        Self::fail("no answer in time", "check the network, then run it again")
    }
}

impl From<Failure> for Verdict {
    /// What a store cannot do, or may not do by the profile's own wish, is no fault.
    fn from(failure: Failure) -> Self {
        let status = match failure.kind {
            FailureKind::Unsupported | FailureKind::ReadOnly => Status::Skip,
            _ => Status::Fail,
        };
        let remark = |wrong: Failure| Remark { detail: wrong.what, hint: wrong.hint };
        let further = failure.further.into_iter().map(remark).collect();
        Self { status, detail: failure.what, hint: failure.hint, further, by_clock: failure.by_clock }
    }
}

/// Where findings go, and until when.
pub struct Report {
    sender: mpsc::Sender<Finding>,
    end: Instant,
}

impl Report {
    /// One that nobody has told anything yet, and where it can be read. All findings find room in it.
    pub fn new() -> (Self, mpsc::Receiver<Finding>) {
        Self::until(Instant::now() + ALL)
    }

    fn until(end: Instant) -> (Self, mpsc::Receiver<Finding>) {
        let (sender, findings) = mpsc::channel(Check::ALL.len());
        (Self { sender, end }, findings)
    }

    /// Tells what a check came to.
    pub async fn say(&self, check: Check, verdict: Verdict) {
        let Verdict { status, detail, hint, further, by_clock } = verdict;
        // Whoever has closed the findings wants to hear no more.
        let _closed = self.sender.send(Finding { check, status, detail, hint, further, by_clock }).await;
    }

    /// Tells that these were not looked at.
    pub async fn skip(&self, checks: &[Check], why: &str) {
        for check in checks {
            self.say(*check, Verdict::skip(why)).await;
        }
    }

    /// Runs a check and tells what it came to; answers whether the next may build on it.
    pub async fn run(&self, check: Check, work: impl Future<Output = Verdict>) -> bool {
        let verdict = self.within(work).await.unwrap_or_else(Verdict::late);
        let holds = !matches!(verdict.status, Status::Fail | Status::Skip);
        self.say(check, verdict).await;
        holds
    }

    /// Work that takes no longer than one check may; `None` where it would.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.within_time(ONE, work).await
    }

    /// Work that takes no longer than that, and not beyond the end of all.
    pub async fn within_time<T>(&self, time: Duration, work: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.end.min(Instant::now() + time), work).await.ok()
    }

    /// Waits until nobody wants to hear any more.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_check_that_hangs_fails_at_the_end_of_all() {
        let (report, mut findings) = Report::until(Instant::now());
        assert!(!report.run(Check::Dns, std::future::pending()).await);
        let finding = findings.recv().await.unwrap();
        assert_eq!((finding.check, finding.status), (Check::Dns, Status::Fail));
        assert_eq!(finding.detail, "no answer in time");
    }

    #[test]
    fn what_a_store_cannot_do_is_no_fault() {
        let status = |kind| Verdict::from(Failure::new(kind, "x")).status;
        assert_eq!(status(FailureKind::Unsupported), Status::Skip);
        assert_eq!(status(FailureKind::ReadOnly), Status::Skip);
        assert_eq!(status(FailureKind::Denied), Status::Fail);
    }
}
