//! `windlass link`: a URL to read an object, and how long it is really good for. The URL alone goes to standard output,
//! so that a script can take it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::expiry;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Line};
use crate::cli::rows::rfc3339;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Link, LinkKind, Result, format, key};
use crate::transfer::Connection;

/// Flags of `link`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass link photo.jpg                good as long as link_expiry says
  windlass link photo.jpg --expires 7d   the most that a signature allows
  windlass link photo.jpg --public       the URL that needs no signature
  windlass link report-3f.pdf --download-as report.pdf")]
pub struct Flags {
    /// The object's key
    key: String,
    /// How long it is good for: 90s, 5m, 1h, 7d
    #[arg(long, value_name = "TIME", value_parser = expiry, allow_negative_numbers = true, conflicts_with = "public")]
    expires: Option<u64>,
    /// The public URL, which needs no signature and does not expire
    #[arg(long, conflicts_with = "download_as")]
    public: bool,
    /// The file name that a browser saves it under
    #[arg(long, value_name = "NAME")]
    download_as: Option<String>,
}

/// The way out where there is no public URL.
const SIGNED: &str = "leave --public away for a signed link";

/// Links.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    key::check_for_link(&flags.key)?;
    let connection = context.connect().await?;
    let flags = Flags { key: connection.store.own_key(flags.key), ..flags };
    if let Some(doubt) = look_for(&flags.key, &connection).await? {
        context.output.problem(&doubt);
    }
    let link = if flags.public { public(&flags.key, &connection).await? } else { signed(&flags, &connection).await? };
    context.output.print(&Printed::from(&link))?;
    context.output.flush()?;
    if context.output.format() == Format::Text {
        context.output.note(&good_until(&link, Utc::now()));
    }
    tell_unserved(context, &connection).await?;
    Ok(Exit::Done)
}

/// Links to the local bucket are answered only while a Windlass runs.
pub async fn tell_unserved(context: &mut Context, connection: &Connection) -> Result<()> {
    if connection.profile.is_served_here() && !context.services.local_bucket().await?.link_address().await?.held {
        context.output.note("nobody answers this link now: it works while a Windlass runs (windlass local serve)");
    }
    Ok(())
}

/// A link to nothing is refused; where the bucket cannot say, the link is made all the same and the doubt is told.
async fn look_for(key: &str, connection: &Connection) -> Result<Option<Failure>> {
    match connection.store.head(key).await {
        Ok(_) => Ok(None),
        Err(doubt) if matches!(doubt.kind, FailureKind::Offline | FailureKind::Busy | FailureKind::Denied) => {
            Ok(Some(doubt))
        }
        Err(failure) => Err(failure),
    }
}

async fn signed(flags: &Flags, connection: &Connection) -> Result<Link> {
    if flags.expires.is_some() {
        connection.store.check(&|can| can.presign)?;
    }
    let seconds = flags.expires.unwrap_or(connection.profile.link_expiry);
    connection.store.link(&flags.key, Duration::from_secs(seconds), flags.download_as.as_deref()).await
}

async fn public(key: &str, connection: &Connection) -> Result<Link> {
    connection.store.public_link(key).await.ok_or_else(|| {
        let reason = connection.store.capabilities().public_url.err();
        Failure::new(FailureKind::Unsupported, reason.unwrap_or("this profile has no public URL")).hint(
            match connection.profile.names.of("public_base_url") {
                Some(_) => format!("set {}, or {SIGNED}", connection.profile.names.list(&["public_base_url"])),
                None => SIGNED.into(),
            },
        )
    })
}

fn good_until(link: &Link, now: DateTime<Utc>) -> String {
    match link.expires_at {
        Some(end) => {
            // Signing took a moment: 59 minutes and 59 seconds are an hour to everybody.
            let seconds = u64::try_from((end - now).num_seconds()).unwrap_or(0).next_multiple_of(5);
            format!("good until {} ({})", format::moment(end), format::span(seconds))
        }
        None if link.kind == LinkKind::Cdn => "good for as long as the file is there".into(),
        None => "good for as long as the object is public".into(),
    }
}

/// What `link` prints.
#[derive(Serialize)]
struct Printed<'a> {
    key: &'a str,
    url: &'a str,
    kind: &'static str,
    expires_at: Option<String>,
}

impl<'a> From<&'a Link> for Printed<'a> {
    fn from(link: &'a Link) -> Self {
        Self {
            key: &link.key,
            url: link.url.expose(),
            kind: link.kind.name(),
            expires_at: link.expires_at.map(rfc3339),
        }
    }
}

impl Line for Printed<'_> {
    fn text(&self) -> Option<String> {
        Some(display(self.url).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretUrl;

    #[test]
    fn a_link_says_how_long_it_is_good_for() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let link = |kind, expires_at| Link { key: "k".into(), url: SecretUrl::new("https://x"), kind, expires_at };
        let text = good_until(&link(LinkKind::Presigned, Some(now + chrono::TimeDelta::hours(1))), now);
        assert!(text.starts_with("good until ") && text.ends_with("(1 h)"), "{text}");
        assert_eq!(good_until(&link(LinkKind::Cdn, None), now), "good for as long as the file is there");
    }
}
