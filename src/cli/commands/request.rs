//! `windlass request`: the guides' presigned upload without a backend. Prints what the uploader needs; what is uploaded is
//! recorded by whoever watches: this command with `--wait`, an open screen, or `windlass record` afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use futures::stream::{self, StreamExt};
use serde::Serialize;

use super::link::tell_unserved;
use super::{expiry, folder_prefix, media_type, size};
use crate::catalog::rules;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::output::{Format, Line};
use crate::cli::queueing::Queued;
use crate::cli::rows::rfc3339;
use crate::domain::display::display;
use crate::domain::{self, Result, format};
use crate::transfer::{Connection, Requested, Scope, WantedUpload};

/// Flags of `request`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass request photo.png                          good for 5 min
  windlass request photo.png --wait                   also writes the record
  windlass request scan.pdf --expires 1h --to scans/
  windlass request data --type text/csv               where no name tells it

The uploader sends the file with the printed curl line, or by a PUT to the URL
with exactly the printed headers: another type, or another size where --size
says one, is refused by the bucket. Without --wait an open screen writes the
record, or windlass record KEY afterwards.")]
pub struct Flags {
    /// The name of the file that somebody else uploads; the profile's key_template makes the key
    name: String,
    /// Its MIME type, which is signed; without it, the one that the name suggests
    #[arg(long = "type", value_name = "MIME", value_parser = media_type)]
    mime: Option<String>,
    /// Its exact size in bytes, which is signed too
    #[arg(long, value_name = "BYTES", value_parser = size, allow_negative_numbers = true)]
    size: Option<u64>,
    /// How long the URL is good: 90s, 5m, 1h, 7d
    #[arg(long, value_name = "TIME", value_parser = expiry, allow_negative_numbers = true, default_value = "5m")]
    expires: u64,
    /// Where the key begins
    #[arg(long, value_name = "PREFIX")]
    to: Option<String>,
    /// Wait until the object is there and recorded, or the URL has ended
    #[arg(long)]
    pub wait: bool,
}

/// Asks for an upload.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    let settings = context.settings(None, None);
    let scope = if flags.wait { Scope::Own } else { Scope::Nothing };
    let queue = context.open_queue(&settings, scope).await?;
    let asked = queue.request(&connection, &flags.wanted()).await?;
    context.follows(&[asked.id]);
    context.output.print(&Printed::of(&asked, &connection, flags.expires).await)?;
    context.output.flush()?;
    if let Some(sooner) = ends_sooner(flags.expires, asked.expires_at, Utc::now()) {
        context.output.note(&sooner);
    }
    if !flags.wait {
        tell_unserved(context, &connection).await?;
        return Ok(Exit::Done);
    }
    if context.output.format() == Format::Text {
        context.output.note("waiting for the upload; interrupting keeps the URL good until it ends");
    }
    let queued = Queued { ids: vec![asked.id], ..Queued::default() };
    let manner = Manner { patience: Patience::Endless, lines: Lines::Last };
    follow(context, &queue, stream::iter([Ok(queued)]).boxed(), manner).await
}

impl Flags {
    fn wanted(&self) -> WantedUpload {
        WantedUpload {
            name: self.name.clone(),
            content_type: self.mime.clone().unwrap_or_else(|| domain::media_type::of_name(&self.name)),
            size: self.size,
            expires: Duration::from_secs(self.expires),
            prefix: folder_prefix(self.to.as_deref().unwrap_or("")),
        }
    }
}

/// Credentials that end before what was asked for end the URL with them.
fn ends_sooner(asked: u64, ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let left = u64::try_from((ends - now).num_seconds()).unwrap_or(0);
    // Signing takes a moment, and signatures know whole seconds.
    let sooner = left + 5 < asked;
    sooner.then(|| {
        let (asked, left) = (format::span(asked), format::span(left));
        format!("the credentials end sooner than {asked}: the URL is good for {left}")
    })
}

/// The guides' answer of `/presign-upload`, and what their clients have to know besides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    success: bool,
    presigned_url: &'a str,
    object_key: &'a str,
    public_file_url: Option<String>,
    headers: BTreeMap<&'a str, &'a str>,
    curl: &'a str,
    expires_at: String,
    #[serde(skip)]
    ends: DateTime<Utc>,
    /// Seconds.
    #[serde(skip)]
    good_for: u64,
}

impl<'a> Printed<'a> {
    async fn of(asked: &'a Requested, connection: &Connection, wanted: u64) -> Self {
        // Signing took a moment: 4 minutes and 59 seconds are 5 minutes to everybody.
        let left = u64::try_from((asked.expires_at - Utc::now()).num_seconds()).unwrap_or(0);
        Self {
            good_for: left.next_multiple_of(5).min(wanted),
            success: true,
            presigned_url: asked.url.expose(),
            object_key: &asked.key,
            public_file_url: rules::url(connection.store.file_url(&asked.key).await),
            headers: asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            curl: asked.curl.expose(),
            expires_at: rfc3339(asked.expires_at),
            ends: asked.expires_at,
        }
    }
}

/// The curl line stands alone, so that it can be copied as it is.
impl Line for Printed<'_> {
    fn text(&self) -> Option<String> {
        let mut lines = vec![
            format!("key      {}", display(self.object_key)),
            format!("until    {} ({})", format::moment(self.ends), format::span(self.good_for)),
            format!("PUT      {}", display(self.presigned_url)),
        ];
        let header = |(name, value): (&&str, &&str)| format!("header   {}: {}", display(name), display(value));
        lines.extend(self.headers.iter().map(header));
        lines.extend(self.public_file_url.as_ref().map(|url| format!("public   {}", display(url))));
        lines.push(display(self.curl).into_owned());
        Some(lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::USUAL_EXPIRY;

    #[test]
    fn the_guides_expiry_is_the_usual_one() {
        assert_eq!(expiry("5m"), Ok(USUAL_EXPIRY));
    }

    #[test]
    fn a_session_that_ends_sooner_is_said() {
        let now = DateTime::UNIX_EPOCH;
        let said = |asked, left| ends_sooner(asked, now + chrono::TimeDelta::seconds(left), now);
        assert_eq!((said(300, 299), said(3, 2)), (None, None));
        assert_eq!(said(3600, 600).unwrap(), "the credentials end sooner than 1 h: the URL is good for 10 min");
    }
}
