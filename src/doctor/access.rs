//! Credentials and the right to read, by one question. A key that is refused is told from one that may less than was asked,
//! and both from a bucket that said nothing.

use super::bucket::{Side, WAY, Way, skip_but};
use super::report::Verdict;
use crate::domain::finding::Check;
use crate::domain::{Failure, FailureKind as Kind, Result};
use crate::storage::{ListRequest, NOBODYS};

/// Whether there is any point in going on.
pub enum Access {
    /// There is.
    Open,
    /// The bucket may not be listed. Where the refusal is not told yet, nobody says of a missing object that it is missing:
    /// whether objects can be read shows with the first that is there.
    Unlisted(Option<Failure>),
    /// There is none; all that hangs on it is told.
    Shut,
}

/// Asks, and tells what is known by the answer.
pub async fn look(side: &Side<'_>, way: Way) -> Access {
    let answer = ask(side).await;
    if way == Way::WrongClock && answer.as_ref().is_some_and(is_about_credentials) {
        let why = "signatures are refused, because the clock is wrong";
        side.report.say(Check::Credentials, Verdict::skip(why)).await;
        return shut(side, None, why).await;
    }
    side.report.say(Check::Credentials, credentials(side, answer.as_ref())).await;
    let refused = match answer {
        None => {
            let read = Verdict::fail("the bucket did not answer in time", "check the network, then run it again");
            return shut(side, Some(read), "the bucket does not answer").await;
        }
        Some(Ok(())) => {
            side.report.say(Check::Read, Verdict::ok("the bucket answers and can be listed")).await;
            return Access::Open;
        }
        Some(Err(refused)) => refused,
    };
    match (refused.kind, side.store().capabilities().list) {
        (Kind::Credentials, _) => shut(side, None, "the credentials are refused").await,
        (Kind::Offline | Kind::Busy, _) => shut(side, Some(refused.into()), "the bucket does not answer").await,
        (Kind::NoBucket | Kind::Usage, Ok(())) => {
            shut(side, Some(refused.into()), "there is no bucket to look at").await
        }
        (Kind::Denied, Ok(())) => unlisted(side, refused).await,
        (Kind::NotFound, Err(_)) => {
            side.report.say(Check::Read, Verdict::ok("it answers, and knows what is there from what is not")).await;
            Access::Open
        }
        _ => {
            side.report.say(Check::Read, refused.into()).await;
            Access::Open
        }
    }
}

fn is_about_credentials(answer: &Result<()>) -> bool {
    answer.as_ref().is_err_and(|failure| failure.kind == Kind::Credentials)
}

/// Lists; where the store cannot, looks something up that nobody has. `None` where that took too long.
async fn ask(side: &Side<'_>) -> Option<Result<()>> {
    let request = ListRequest { limit: 1, ..ListRequest::default() };
    match side.store().capabilities().list {
        Ok(()) => side.report.within(side.store().list(&request)).await.map(|page| page.map(drop)),
        Err(_) => side.report.within(side.store().head(NOBODYS)).await.map(|head| head.map(drop)),
    }
}

/// A key is known to whoever has answered it, be it that it may not, or that nothing is there.
fn credentials(side: &Side<'_>, answer: Option<&Result<()>>) -> Verdict {
    match answer {
        Some(Ok(())) => Verdict::ok(known(side)),
        Some(Err(failure)) if matches!(failure.kind, Kind::Denied | Kind::NotFound | Kind::NoBucket) => {
            Verdict::ok(known(side))
        }
        Some(Err(failure)) if failure.kind == Kind::Credentials => failure.clone().into(),
        _ => Verdict::skip("the bucket did not say"),
    }
}

fn known(side: &Side<'_>) -> String {
    let profile = &side.connection.profile;
    match &profile.aws_profile {
        _ if side.is_here() => "the local bucket's own".into(),
        Some(name) => format!("the keys of the AWS profile \"{name}\" are known"),
        None => format!("the key {} is known", profile.access_key_id),
    }
}

/// A key that may not list may be right all the same, as one that only uploads and reads.
async fn unlisted(side: &Side<'_>, refused: Failure) -> Access {
    match side.report.within(side.store().head(NOBODYS)).await {
        Some(Err(failure)) if failure.kind == Kind::NotFound => {
            side.report.say(Check::Read, without_listing(refused)).await;
            Access::Unlisted(None)
        }
        _ => Access::Unlisted(Some(refused)),
    }
}

/// Objects can be read, and lists cannot.
pub fn without_listing(refused: Failure) -> Verdict {
    let what = format!("objects can be read, but {}", refused.what);
    Verdict::warn(what, refused.hint.unwrap_or_default())
}

async fn shut(side: &Side<'_>, read: Option<Verdict>, why: &str) -> Access {
    let mut said = [WAY.as_slice(), &[Check::Credentials]].concat();
    if let Some(read) = read {
        side.report.say(Check::Read, read).await;
        said.push(Check::Read);
    }
    skip_but(side.report, &said, why).await;
    Access::Shut
}
