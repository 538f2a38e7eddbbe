//! One request to Uploadcare and its whole answer, tried again where that can do no harm. A limit on requests is waited out
//! here when that is short; a longer wait is the queue's.

use std::time::Duration;

use bytes::Bytes;

use crate::domain::Failure;
use crate::storage::http::{Answer, Ask, Http, Trouble, offline};

/// The most of an answer that is read, in bytes: a thousand files with all that is known of images.
const MOST: usize = 32 << 20;

/// How often a request is made where the profile says nothing else.
const ATTEMPTS: u32 = 3;

/// The wait after "throttled" where the answer names none (pyuploadcare's).
const THROTTLED: Duration = Duration::from_secs(15);

/// An answer with its body.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The `ETag` header, without its quotes.
    pub etag: Option<String>,
    /// The body.
    pub body: Bytes,
    /// Who answered, for sentences.
    pub host: String,
}

/// Whether a request may be made again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Twice is the same as once.
    Safe,
    /// Twice makes two: only an answer that says that nothing was done lets it be tried again.
    OnlyIfRefused,
}

impl Reply {
    /// Whether it says that nothing was done: a "503" may also be some gateway's, of a server that has the request.
    fn turns_away(&self) -> bool {
        self.status == 429 || self.status == 503 && self.retry_after.is_some()
    }
}

/// No answer came.
#[derive(Debug)]
pub struct Unanswered {
    host: String,
    trouble: Trouble,
}

impl From<Unanswered> for Failure {
    fn from(nothing: Unanswered) -> Self {
        offline(&nothing.host, &nothing.trouble)
    }
}

/// Whether nobody knows what became of a request: it may have arrived whole, and no answer settles it.
pub fn is_in_doubt(outcome: &Result<Reply, Unanswered>) -> bool {
    match outcome {
        Ok(reply) => super::errors::status(reply) >= 500 && !reply.turns_away(),
        Err(nothing) => matches!(nothing.trouble, Trouble::Unanswered(_)),
    }
}

/// Makes a request until it has an answer that settles it; what an answer means is the caller's.
///
/// # Errors
/// None came.
pub async fn reply(http: &Http, ask: &Ask<'_>, repeat: Repeat) -> Result<Reply, Unanswered> {
    let patience = http.patience();
    let mut backoff = patience.first_backoff;
    for _ in 1..patience.attempts.unwrap_or(ATTEMPTS) {
        let outcome = once(http, ask).await;
        let Some(wait) = pause(&outcome, repeat, backoff).filter(|wait| *wait <= patience.longest_retry_after) else {
            return settled(ask, outcome);
        };
        tokio::time::sleep(wait).await;
        backoff *= 2;
    }
    settled(ask, once(http, ask).await)
}

fn settled(ask: &Ask<'_>, outcome: Result<Reply, Trouble>) -> Result<Reply, Unanswered> {
    outcome.map_err(|trouble| Unanswered { host: host(ask.url), trouble })
}

async fn once(http: &Http, ask: &Ask<'_>) -> Result<Reply, Trouble> {
    let answer = http.send(ask).await?;
    let (status, retry_after) = (answer.status(), asked_wait(&answer));
    let etag = answer.header("etag").map(crate::storage::proof::bare_tag);
    let body = answer.into_bytes(MOST, http.patience().stall).await.map_err(Trouble::after_all_had_gone)?;
    Ok(Reply { status, retry_after, etag, body, host: host(ask.url) })
}

fn asked_wait(answer: &Answer) -> Option<Duration> {
    answer.retry_after().or((answer.status() == 429).then_some(THROTTLED))
}

/// How long to wait before the next attempt; `None` where there is to be none.
fn pause(outcome: &Result<Reply, Trouble>, repeat: Repeat, backoff: Duration) -> Option<Duration> {
    match outcome {
        Ok(reply) if reply.turns_away() => Some(reply.retry_after.unwrap_or(backoff)),
        Ok(reply) => (repeat == Repeat::Safe && reply.status >= 500).then_some(backoff),
        Err(trouble) => (repeat == Repeat::Safe && trouble.is_cut()).then_some(backoff),
    }
}

/// Host and port of a URL, for sentences: nothing of it is secret.
pub fn host(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Duration = Duration::from_millis(1);

    fn answered(status: u16, retry_after: Option<Duration>) -> Result<Reply, Trouble> {
        Ok(Reply { status, retry_after, etag: None, body: Bytes::new(), host: String::new() })
    }

    #[test]
    fn only_what_was_surely_not_done_is_tried_again_where_twice_makes_two() {
        let asked = Some(Duration::from_secs(3));
        let once = |outcome| pause(&outcome, Repeat::OnlyIfRefused, BACKOFF);
        assert_eq!(once(answered(429, asked)), asked);
        assert_eq!(once(answered(503, asked)), asked);
        assert_eq!(once(answered(503, None)), None, "a gateway says so too, of a server that has the request");
        assert_eq!(once(answered(500, None)), None);
        assert_eq!(once(Err(Trouble::Cut)), None);
        let safe = |outcome| pause(&outcome, Repeat::Safe, BACKOFF);
        assert_eq!(safe(answered(502, None)), Some(BACKOFF));
        assert_eq!(safe(answered(503, None)), Some(BACKOFF));
        assert_eq!(safe(Err(Trouble::Cut.after_all_had_gone())), Some(BACKOFF));
        assert_eq!(safe(Err(Trouble::Cut)), Some(BACKOFF));
        assert_eq!(safe(Err(Trouble::Refused)), None);
        assert_eq!(safe(answered(404, None)), None);
    }

    #[test]
    fn what_may_have_been_done_and_was_not_answered_is_in_doubt() {
        let in_doubt = |outcome: Result<Reply, Trouble>| {
            is_in_doubt(&outcome.map_err(|trouble| Unanswered { host: String::new(), trouble }))
        };
        for status in [500, 502, 503, 504] {
            assert!(in_doubt(answered(status, None)), "{status}");
        }
        let envelope = |status: u16| {
            let body = format!(r#"{{"error":{{"status_code":{status},"content":"x"}}}}"#).into();
            answered(200, None).map(|reply| Reply { body, ..reply })
        };
        assert!(in_doubt(envelope(500)) && !in_doubt(envelope(429)));
        for settled in [answered(200, None), answered(413, None), answered(429, None), answered(503, Some(BACKOFF))] {
            assert!(!in_doubt(settled));
        }
        assert!(in_doubt(Err(Trouble::TimedOut.after_all_had_gone())));
        assert!(!in_doubt(Err(Trouble::Cut)), "in the middle of the bytes: they never became a file");
        assert!(!in_doubt(Err(Trouble::Refused)));
    }

    #[test]
    fn a_host_is_named_without_what_is_behind_it() {
        assert_eq!(host("https://up.example:8443/base/?x=1"), "up.example:8443");
    }
}
