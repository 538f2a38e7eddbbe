//! Upload requests as they are asked for, the guides' presigned upload without a backend: the URL for somebody else, and
//! the transfer that watches for what comes of it. And records of objects that are up already.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Connection, NewTransfer, Queue};
use crate::domain::display::display;
use crate::domain::transfer::AskedUpload;
use crate::domain::{
    Failure, FailureKind, Result, SecretUrl, Transfer, TransferId, TransferKind, TransferState, format, key, shell,
};

/// How long the guides' presigned uploads are good, in seconds.
pub const USUAL_EXPIRY: u64 = 300;

/// What somebody else is to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedUpload {
    /// The file's name, from which the profile's template makes the key.
    pub name: String,
    /// The MIME type, which is signed.
    pub content_type: String,
    /// Exactly so many bytes, which are signed too; `None` takes any.
    pub size: Option<u64>,
    /// How long the URL is to be good.
    pub expires: Duration,
    /// Where the key begins: empty, or with `/` at its end.
    pub prefix: String,
}

/// A request that is on disk, and what its uploader needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// The transfer that watches for the object.
    pub id: TransferId,
    /// The object's key.
    pub key: String,
    /// The presigned URL to PUT to.
    pub url: SecretUrl,
    /// Headers that must be sent exactly.
    pub headers: Vec<(String, String)>,
    /// A line for a shell that uploads the file of that name.
    pub curl: SecretUrl,
    /// When the URL ends, UTC: sooner than was asked where the credentials end sooner.
    pub expires_at: DateTime<Utc>,
}

impl Queue {
    /// Signs an upload for somebody else and queues the transfer that watches for it.
    ///
    /// # Errors
    /// `Usage` for a name that no URL can carry and for a key that is taken (a look could not tell the old object from the
    /// new), `Unsupported` where the store has no such URLs, and the store's, the catalog's or the journal's.
    pub async fn request(&self, connection: &Connection, wanted: &WantedUpload) -> Result<Requested> {
        connection.store.check(&|can| can.upload_link)?;
        refuse_too_large(wanted.size, connection.store.part_rules().max_part)?;
        let key = connection.store.own_key(key_of(&connection.profile.key_template, wanted)?);
        if self.waiting_for(connection, &key).is_some() {
            return Err(taken(format!("an upload of {} is waited for already", display(&key))));
        }
        tokio::try_join!(refuse_taken(connection, &key), refuse_unrecordable(connection, &key))?;
        let size = wanted.size;
        let link = connection.store.upload_link(&key, &wanted.content_type, size, wanted.expires).await?;
        let content_type = wanted.content_type.as_str().into();
        let job = NewTransfer {
            asked: Some(AskedUpload { size, content_type, expires_at: link.expires_at }),
            ..NewTransfer::new(TransferKind::Request, connection.identity.clone(), key.clone())
        };
        let queued = self.enqueue(vec![job]).await?;
        let id = queued.first().copied().ok_or_else(|| Failure::new(FailureKind::Internal, "nothing was queued"))?;
        let curl = shell::curl_to_upload(key::name(&wanted.name), &link.url, &link.headers);
        Ok(Requested { id, key, url: link.url, headers: link.headers, curl, expires_at: link.expires_at })
    }

    /// The URL of a request once more, signed anew for the time that is left: it is kept nowhere.
    ///
    /// # Errors
    /// `Usage` where it has ended, and the store's.
    pub async fn sign_again(&self, connection: &Connection, transfer: &Transfer) -> Result<Requested> {
        let left = |asked: &AskedUpload| (asked.expires_at - Utc::now()).to_std().ok();
        let asked = transfer.asked.as_deref().and_then(|asked| Some((asked, left(asked)?)));
        let (asked, left) = asked.filter(|(_, left)| left.as_secs() > 0).ok_or_else(|| {
            let what = format!("the URL for {} has ended", display(&transfer.key));
            Failure::new(FailureKind::Usage, what).hint("ask for a new upload")
        })?;
        let link = connection.store.upload_link(&transfer.key, &asked.content_type, asked.size, left).await?;
        let (key, url, headers) = (transfer.key.to_string(), link.url, link.headers);
        let curl = shell::curl_to_upload(key::name_in_template(&key), &url, &headers);
        Ok(Requested { id: transfer.id, key, url, headers, curl, expires_at: link.expires_at })
    }

    /// Queues the record of an object that is up already, under the key by which the store knows it. Where a request waits
    /// for it, that one looks now instead, and compares what is there with what was asked for.
    ///
    /// # Errors
    /// The journal's.
    pub async fn record(&self, connection: &Connection, key: &str) -> Result<TransferId> {
        key::check(key)?;
        let key = connection.store.own_key(key.to_owned());
        if let Some(waiting) = self.waiting_for(connection, &key) {
            self.retry(&[waiting]).await?;
            return Ok(waiting);
        }
        let job = NewTransfer::new(TransferKind::Request, connection.identity.clone(), key);
        let queued = self.enqueue(vec![job]).await?;
        queued.first().copied().ok_or_else(|| Failure::new(FailureKind::Internal, "nothing was queued"))
    }

    fn waiting_for(&self, connection: &Connection, key: &str) -> Option<TransferId> {
        let model = self.core.model();
        let waits = |transfer: &&Arc<Transfer>| {
            let waits = (transfer.kind, transfer.state) == (TransferKind::Request, TransferState::Waiting);
            waits && *transfer.key == *key && transfer.profile.matches(&connection.identity)
        };
        model.jobs().map(|job| &job.saved.transfer).filter(waits).map(|transfer| transfer.id).last()
    }
}

fn key_of(template: &str, wanted: &WantedUpload) -> Result<String> {
    key::check_for_url("name", &wanted.name)?;
    let key = key::below(template, &wanted.prefix, &wanted.name, Uuid::new_v4(), Utc::now())?;
    key::check_for_url("key", &key)?;
    Ok(key)
}

/// A presigned PUT is one request, which takes no more than a part does.
fn refuse_too_large(size: Option<u64>, most: u64) -> Result<()> {
    match size.filter(|size| *size > most) {
        None => Ok(()),
        Some(size) => {
            let (size, most) = (format::size(size), format::size(most));
            let what = format!("{size} does not go up in one request: {most} is the most");
            Err(Failure::new(FailureKind::Usage, what).hint("upload it with windlass upload, in parts"))
        }
    }
}

/// Without the right to list, S3 denies a look at what is not there: then nobody can say more.
async fn refuse_taken(connection: &Connection, key: &str) -> Result<()> {
    match connection.store.head(key).await {
        Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Denied) => Ok(()),
        Err(failure) => Err(failure),
        Ok(_) => Err(taken(format!("there is an object {} already", display(key)))),
    }
}

/// Before somebody is sent a URL for a file that could get no record; a catalog that is away now is asked again then.
async fn refuse_unrecordable(connection: &Connection, key: &str) -> Result<()> {
    match connection.catalog.check(key, &connection.writer).await {
        Err(failure) if failure.kind == FailureKind::CatalogAway => Ok(()),
        answer => answer,
    }
}

fn taken(what: String) -> Failure {
    Failure::new(FailureKind::Usage, what).hint("choose another name, or put {uuid} into the key template")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(template: &str, prefix: &str, name: &str) -> Result<String> {
        let expires = Duration::from_secs(USUAL_EXPIRY);
        let content_type = "image/png".to_owned();
        key_of(template, &WantedUpload { name: name.into(), content_type, size: None, expires, prefix: prefix.into() })
    }

    #[test]
    fn the_key_is_the_templates_beneath_the_prefix() {
        assert_eq!(made("{name}", "up/", "a.png").as_deref(), Ok("up/a.png"));
        let guide = made(key::DEFAULT_TEMPLATE, "", "a.png").unwrap();
        assert!(guide.ends_with("-a.png") && guide.len() == 36 + 6, "{guide}");
    }

    #[test]
    fn what_no_single_request_takes_is_refused() {
        assert!(refuse_too_large(Some(5), 5).is_ok() && refuse_too_large(None, 5).is_ok());
        assert_eq!(
            refuse_too_large(Some(6), 5).unwrap_err().what,
            "6 B does not go up in one request: 5 B is the most"
        );
    }

    #[test]
    fn neither_name_nor_prefix_may_hold_what_clients_fold() {
        for (prefix, name) in [("", "a/../b.png"), ("", ".."), ("up/../", "b.png"), ("/", "b.png")] {
            assert_eq!(made("{uuid}-{name}", prefix, name).unwrap_err().kind, FailureKind::Usage, "{prefix} {name}");
        }
    }
}
