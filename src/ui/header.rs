//! Draws the line at the top: which profile, provider and bucket, how the database answered last, whose records, and
//! what is forbidden. On a narrow screen what matters least goes first.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Look;
use super::columns::{Side, put};
use super::theme::Theme;
use crate::action::{Keymap, Place};
use crate::app::{App, BucketTrouble, Database, Remote};
use crate::config::{CatalogConfig, DatabaseTls, Profile};
use crate::domain::display::{display, width};
use crate::domain::{FailureKind, RowSecurity, format};

/// Blank columns between two pieces.
const GAP: u16 = 3;

/// Ranks of what belongs to the profile's name, and stands behind a dot.
const PROVIDER: u8 = 5;
const BUCKET: u8 = 4;

/// A piece of the line; lower ranks find room first.
struct Piece<'a> {
    text: Cow<'a, str>,
    style: Style,
    rank: u8,
}

/// Draws the line.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, app: &App) {
    let (theme, remote) = (&look.theme, app.remote());
    let mut left = left(theme, remote);
    let is_gone = app.profile_is_gone();
    if is_gone {
        left.push(Piece { text: "✗ removed".into(), style: theme.bad, rank: 1 });
    } else if let Some(trouble) = app.bucket_trouble() {
        left.push(bucket(theme, trouble));
    }
    // Why nothing of a removed profile answers is said once.
    let mut right = if is_gone { Vec::new() } else { right(theme, app.keymap(), remote) };
    while columns(&left) + columns(&right) + GAP + 2 > area.width && drop_least(&mut left, &mut right) {}
    let mut x = area.x + 1;
    for piece in &left {
        if piece.rank == PROVIDER || piece.rank == BUCKET {
            put(buffer, x.saturating_sub(2), area.y, 1, Side::Left, "·", theme.border);
        }
        x = place(buffer, x, area, piece);
    }
    let mut x = area.right().saturating_sub(columns(&right) + 1).max(x);
    for piece in &right {
        x = place(buffer, x, area, piece);
    }
}

fn place(buffer: &mut Buffer, x: u16, area: Rect, piece: &Piece<'_>) -> u16 {
    let room = area.right().saturating_sub(x);
    put(buffer, x, area.y, room.min(columns_of(&piece.text)), Side::Left, &piece.text, piece.style);
    x.saturating_add(columns_of(&piece.text) + GAP)
}

fn columns(pieces: &[Piece<'_>]) -> u16 {
    let texts: u16 = pieces.iter().map(|piece| columns_of(&piece.text)).fold(0, u16::saturating_add);
    texts.saturating_add(GAP * u16::try_from(pieces.len().saturating_sub(1)).unwrap_or(0))
}

fn columns_of(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX / 4)
}

/// Takes the piece away that matters least; the most important one stays.
fn drop_least(left: &mut Vec<Piece<'_>>, right: &mut Vec<Piece<'_>>) -> bool {
    let worst = left.iter().chain(right.iter()).map(|piece| piece.rank).max().unwrap_or(0);
    left.retain(|piece| piece.rank < worst);
    right.retain(|piece| piece.rank < worst);
    worst > 1
}

fn left<'a>(theme: &Theme, remote: &'a Remote) -> Vec<Piece<'a>> {
    let slot = remote.slot();
    let name = display(&slot.name);
    let mut pieces = vec![
        Piece { text: "windlass".into(), style: theme.accent, rank: 7 },
        Piece { text: name, style: theme.text.add_modifier(Modifier::BOLD), rank: 0 },
    ];
    let provider = slot.provider.map(|provider| Cow::Borrowed(provider.title()));
    let bucket = remote.profile().map(|profile| display(profile.bucket()));
    for (text, rank) in [(provider, PROVIDER), (bucket, BUCKET)] {
        // The profile `local` is of the provider Local with the bucket local: once is enough.
        if let Some(text) = text.filter(|text| !text.eq_ignore_ascii_case(&slot.name)) {
            pieces.push(Piece { text, style: theme.quiet, rank });
        }
    }
    pieces
}

fn right<'a>(theme: &Theme, keys: &Keymap, remote: &'a Remote) -> Vec<Piece<'a>> {
    let Some(profile) = remote.profile() else {
        return vec![Piece { text: "✗ this profile cannot be used".into(), style: theme.bad, rank: 2 }];
    };
    let (state, style) = database(theme, keys, remote.database());
    let mut pieces = vec![Piece { text: format!("{} {state}", catalog(profile)).into(), style, rank: 2 }];
    let user = remote.user().map_or(Cow::Borrowed("everyone"), display);
    pieces.push(Piece { text: user, style: theme.quiet, rank: 6 });
    if matches!(profile.catalog, CatalogConfig::Postgres { tls: DatabaseTls::Insecure, .. }) {
        pieces.push(Piece { text: "TLS not verified".into(), style: theme.warning, rank: 3 });
    }
    if let Some(text) = remote.row_security().and_then(row_security) {
        pieces.push(Piece { text, style: theme.warning, rank: 1 });
    }
    if profile.read_only {
        pieces.push(Piece { text: "read-only".into(), style: theme.warning, rank: 1 });
    }
    pieces
}

/// What a person should know of row-level security where the profile counts on it.
fn row_security(seen: &RowSecurity) -> Option<Cow<'_, str>> {
    match seen {
        RowSecurity::Unknown | RowSecurity::Active => None,
        RowSecurity::Off => Some("RLS is off".into()),
        RowSecurity::Bypassed { role, .. } => Some(format!("RLS bypassed by {}", display(role)).into()),
    }
}

/// What keeps the bucket from being worked with. One that is away is back by itself, and is no mistake.
fn bucket(theme: &Theme, trouble: BucketTrouble) -> Piece<'static> {
    let (text, style) = match trouble {
        BucketTrouble::Refused => ("✗ bucket refused", theme.bad),
        BucketTrouble::Missing => ("✗ no such bucket", theme.bad),
        BucketTrouble::Away => ("✗ bucket unreachable", theme.warning),
    };
    Piece { text: text.into(), style, rank: 1 }
}

/// What the database is, in one word.
fn catalog(profile: &Profile) -> &'static str {
    match profile.catalog {
        CatalogConfig::Sqlite(_) => "sqlite",
        CatalogConfig::Postgres { .. } if profile.catalog_identity().contains(".neon.tech") => "neon",
        CatalogConfig::Postgres { .. } => "postgres",
    }
}

fn database(theme: &Theme, keys: &Keymap, database: &Database) -> (String, Style) {
    match database {
        Database::Unknown => ("○ idle".into(), theme.quiet),
        Database::Heard => ("●".into(), theme.good),
        Database::Waking { .. } => ("○ waking up …".into(), theme.quiet),
        Database::Asleep(_) => (keys.filled(Place::Catalog, "○ asleep, {refresh} wakes it"), theme.quiet),
        Database::Ok { took } => (format!("● {}", latency(took.as_millis())), theme.good),
        Database::Away(_) => ("✗ unreachable".into(), theme.bad),
        Database::Refused(failure) if failure.kind == FailureKind::NeedsMigration => {
            ("✗ not migrated".into(), theme.bad)
        }
        Database::Refused(_) => ("✗ refused".into(), theme.bad),
    }
}

fn latency(milliseconds: u128) -> String {
    match milliseconds {
        0 => "1 ms".into(),
        1..=999 => format!("{milliseconds} ms"),
        _ => format::span(u64::try_from(milliseconds / 1000).unwrap_or(u64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_nobody_has_asked_is_no_trouble() {
        let (said, style) = database(&Theme::default(), &Keymap::default(), &Database::Unknown);
        assert_eq!((said.as_str(), style), ("○ idle", Theme::default().quiet));
    }
}
