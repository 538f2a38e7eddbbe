//! Files that Uploadcare fetches from a URL by itself, while it is asked how far it is.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tokio::time::Instant;

use super::UploadcareStore;
use super::errors::{granted, strange, without_urls};
use super::upload::Names;
use super::wire::{Repeat, reply};
use crate::domain::key::url_value;
use crate::domain::{Failure, FailureKind, Result, SecretUrl};
use crate::storage::http::{Ask, Body};
use crate::storage::{ANSWER_LOST, PutOptions, Stored, in_doubt};

const NAMES: Names = Names { public_key: "pub_key", store: "store" };

/// Between two questions how far it is; the pauses grow to the second.
const FIRST_LOOK: Duration = Duration::from_millis(300);
const LAST_LOOK: Duration = Duration::from_secs(3);

/// The answer to the request: a token to ask by, or the file at once where it was fetched before.
#[derive(Deserialize)]
struct Accepted {
    token: Option<String>,
    uuid: Option<String>,
}

/// How far it is (Upload API reference, "Check the status of a task to fetch/upload a file from a URL").
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Status {
    Waiting,
    Progress,
    Success { uuid: String },
    Error { error: Option<String> },
    Unknown,
}

impl UploadcareStore {
    pub(super) async fn fetch_url(&self, url: &SecretUrl, name: &str, options: &PutOptions) -> Result<Stored> {
        let doing = self.doing("fetch", Some(name));
        let mut fields = self.fields(options, NAMES, None);
        fields.push(("source_url".into(), url.expose().to_owned()));
        fields.push(("filename".into(), name.to_owned()));
        let answered = self.post("/from_url/", &fields, Repeat::OnlyIfRefused).await;
        if self.is_lost_for_good(&answered) {
            return Err(doubtful(name));
        }
        let reply = granted(doing, answered?)?;
        let accepted: Option<Accepted> = serde_json::from_slice(&reply.body).ok();
        match accepted {
            Some(Accepted { token: Some(token), .. }) => self.fetched(name, &token).await,
            Some(Accepted { uuid, .. }) => self.named(uuid.as_deref()).ok_or_else(|| strange(doing, "names no file")),
            None => Err(strange(doing, "is not what the API reference describes")),
        }
    }

    async fn fetched(&self, name: &str, token: &str) -> Result<Stored> {
        let (begun, mut pause) = (Instant::now(), FIRST_LOOK);
        while begun.elapsed() < self.http.patience().finish {
            // It goes on there, and what comes of it is kept.
            let unseen = |failure: &Failure| self.secret_key.is_none() && failure.is_transient();
            let status = self.status(name, token).await;
            match status.map_err(|failure| if unseen(&failure) { doubtful(name) } else { failure })? {
                Status::Success { uuid } => {
                    let nameless = || strange(self.doing("fetch", Some(name)), "names no file");
                    return self.named(Some(&uuid)).ok_or_else(nameless);
                }
                Status::Error { error } => return Err(refused(name, error.as_deref())),
                Status::Waiting | Status::Progress | Status::Unknown => tokio::time::sleep(pause).await,
            }
            pause = (pause * 3 / 2).min(LAST_LOOK);
        }
        let what = format!("Uploadcare has not fetched \"{name}\" in time");
        Err(Failure::new(FailureKind::Busy, what).hint("look at the project's files before you try again"))
    }

    async fn status(&self, name: &str, token: &str) -> Result<Status> {
        let url = format!("{}/from_url/status/?token={}", self.upload_base, url_value(token));
        let ask = Ask { method: "GET", url: &url, headers: Vec::new(), body: Body::Plain(Bytes::new()), wait: None };
        let doing = self.doing("fetch", Some(name));
        let reply = granted(doing, reply(&self.http, &ask, Repeat::Safe).await?)?;
        serde_json::from_slice(&reply.body).map_err(|_| strange(doing, "says nothing of how far it is"))
    }
}

fn doubtful(name: &str) -> Failure {
    in_doubt(name, ANSWER_LOST).hint("look at the project's files before you try again")
}

fn refused(name: &str, words: Option<&str>) -> Failure {
    let words = without_urls(words.unwrap_or("it says no more"));
    Failure::new(FailureKind::Usage, format!("Uploadcare could not fetch \"{name}\": {words}"))
        .hint("check that the URL can be read from the internet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_of_a_fetch_are_read() {
        let read = |text: &str| serde_json::from_str::<Status>(text).unwrap();
        assert!(matches!(read(r#"{"status":"waiting"}"#), Status::Waiting));
        assert!(matches!(read(r#"{"status":"progress","done":1,"total":"unknown"}"#), Status::Progress));
        assert!(matches!(read(r#"{"status":"success","uuid":"x","is_ready":false}"#), Status::Success { .. }));
        assert!(matches!(read(r#"{"status":"error","error":"no"}"#), Status::Error { error: Some(_) }));
    }

    #[test]
    fn a_signed_url_is_not_quoted() {
        let failure = refused("a", Some("cannot read https://x/?X-Amz-Signature=1"));
        assert_eq!(failure.what, "Uploadcare could not fetch \"a\": cannot read the URL");
    }
}
