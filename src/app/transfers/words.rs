//! A transfer's state in words: what it does, what it waits for and when it tries again, so that nobody has to know the
//! states' names.

use chrono::{DateTime, Utc};

use super::causes::{bare_cause, cause, whole_cause};
use crate::action::{Keymap, Place};
use crate::domain::display::{display, fit, width};
use crate::domain::transfer::{Hold, OnConflict, TransferKind, TransferState, TransferView, Versions};
use crate::domain::{Failure, FailureKind, HomeFolder, format, joined};

/// How a state feels, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Going on as it should.
    Going,
    /// Waiting for something.
    Waiting,
    /// Finished well.
    Good,
    /// Gave up.
    Bad,
    /// Ended or held by the user.
    Still,
}

/// When and for whom it is said.
#[derive(Debug, Clone, Copy)]
pub struct Saying<'a> {
    /// The keys that are named where something can be done.
    pub keys: &'a Keymap,
    /// The time, UTC.
    pub now: DateTime<Utc>,
    /// The user's home folder, which is `~` in paths.
    pub home: &'a HomeFolder,
}

/// Whether its bytes are on their way now, so that a bar says more than words.
pub fn moves_bytes(view: &TransferView) -> bool {
    let moving = matches!(view.transfer.state, TransferState::Sending | TransferState::Receiving);
    moving && view.next_try_in.is_none() && !view.elsewhere && !view.held
}

/// The tone of a transfer's state.
pub fn tone(view: &TransferView, hold: Option<&Hold>) -> Tone {
    match view.transfer.state {
        TransferState::Done => Tone::Good,
        TransferState::Failed => Tone::Bad,
        TransferState::Cancelled | TransferState::Expired | TransferState::Paused => Tone::Still,
        _ if hold.is_some_and(|hold| hold.next_try_in.is_none()) => Tone::Bad,
        _ if hold.is_some() || view.next_try_in.is_some() || view.transfer.error.is_some() => Tone::Waiting,
        _ => Tone::Going,
    }
}

/// The state in words and what happens next, fit for display. `hold` is what keeps all of its profile standing still.
pub fn words(view: &TransferView, hold: Option<&Hold>, saying: Saying<'_>) -> String {
    words_in(view, hold, usize::MAX, saying)
}

/// The same in so many columns where it can be said so shortly: what happens next matters more than why.
pub fn words_in(view: &TransferView, hold: Option<&Hold>, columns: usize, saying: Saying<'_>) -> String {
    let transfer = &view.transfer;
    if let Some(hold) = hold.filter(|_| transfer.state.is_open()) {
        return held(view, hold, columns, saying);
    }
    if transfer.state == TransferState::Waiting {
        return waiting_for_upload(view, columns);
    }
    match (&transfer.error, view.next_try_in) {
        (Some(error), _) if transfer.state == TransferState::Failed => failed(view, error, columns, saying),
        (Some(error), Some(wait)) => {
            shortest(columns, with_progress(view, waiting(view, error, saying)), &next_try(wait))
        }
        (Some(error), None) if transfer.state.is_open() => {
            let plain = plain_words(view, saying);
            let reasons = [reason(error, saying), short_reason(error)];
            first_fitting(columns, reasons.map(|reason| format!("{plain}, {reason}")))
        }
        _ if transfer.state == TransferState::Paused => paused(view, columns, saying),
        (None, Some(wait)) => shortest(columns, with_progress(view, vec![plain_words(view, saying)]), &next_try(wait)),
        (None, None) if view.held && transfer.state == TransferState::Queued => {
            "waits for an earlier one of its key".into()
        }
        _ if view.elsewhere && transfer.state.is_open() => {
            format!("{}, by another Windlass", plain_words(view, saying))
        }
        _ => plain_words(view, saying),
    }
}

fn held(view: &TransferView, hold: &Hold, columns: usize, saying: Saying<'_>) -> String {
    let causes = if hold.next_try_in.is_some() { waiting(view, &hold.failure, saying) } else { causes(hold, saying) };
    shortest(columns, with_progress(view, causes), &next(hold, saying.keys))
}

/// Why a whole profile stands still, and what happens next, fit for display. Where there is no room for both, the cause
/// stays: it is said nowhere else.
pub fn standing(hold: &Hold, columns: usize, saying: Saying<'_>) -> String {
    let both = fitting(columns, causes(hold, saying), &next(hold, saying.keys));
    both.unwrap_or_else(|| fit(&short_reason(&hold.failure), columns).into_owned())
}

/// Why a whole profile stands still; the longest first.
fn causes(hold: &Hold, saying: Saying<'_>) -> Vec<String> {
    let (long, short) = (reason(&hold.failure, saying), short_reason(&hold.failure));
    match hold.next_try_in {
        Some(_) => vec![long, short],
        None => vec![headed("stopped", &long), long, short],
    }
}

fn next(hold: &Hold, keys: &Keymap) -> String {
    hold.next_try_in.map_or_else(|| try_again(keys), next_try)
}

/// What to press where only a person helps.
pub(super) fn try_again(keys: &Keymap) -> String {
    keys.filled(Place::Transfers, "{retry} tries again")
}

fn next_try(wait: u64) -> String {
    format!("next try in {}", format::span(wait))
}

/// Cause and next, with the first cause that leaves room, else `next` alone.
fn shortest(columns: usize, causes: Vec<String>, next: &str) -> String {
    fitting(columns, causes, next).unwrap_or_else(|| next.to_owned())
}

/// Cause and next, with the first cause that leaves room.
fn fitting(columns: usize, causes: Vec<String>, next: &str) -> Option<String> {
    causes.into_iter().map(|cause| joined(&cause, next)).find(|said| width(said) <= columns)
}

/// What became of it and why: `failed: cause`, or `failed, what: cause`.
fn headed(became: &str, cause: &str) -> String {
    let mark = if cause.contains(": ") { ',' } else { ':' };
    format!("{became}{mark} {cause}")
}

/// What can be done stays, and of the reason what matters most.
fn failed(view: &TransferView, error: &Failure, columns: usize, saying: Saying<'_>) -> String {
    let next = next_after(view, saying.keys);
    why(view, error, &next, columns, saying).unwrap_or_else(|| {
        match columns.saturating_sub(width("failed: ; ") + width(&next)) {
            0..12 => why_failed(saying.keys),
            room => format!("{}; {next}", headed("failed", &cause(&view.transfer, error, room, saying.home))),
        }
    })
}

/// Why it has failed and what can be done, if there is room for both; that it has failed its row's symbol says, too.
fn why(view: &TransferView, error: &Failure, next: &str, columns: usize, saying: Saying<'_>) -> Option<String> {
    let room = columns.saturating_sub(width("; ") + width(next));
    let cause = |room| whole_cause(&view.transfer, error, room, saying.home);
    let said = cause(room.saturating_sub(width("failed: "))).map(|cause| headed("failed", &cause));
    said.or_else(|| cause(room)).map(|said| format!("{said}; {next}"))
}

/// How many columns tell why it has failed and what can be done; nothing of what has not failed.
pub fn least_columns(view: &TransferView, saying: Saying<'_>) -> Option<usize> {
    let error = view.transfer.error.as_deref().filter(|_| view.transfer.state == TransferState::Failed)?;
    Some(width(&bare_cause(error, saying.home)) + width("; ") + width(&next_after(view, saying.keys)))
}

/// Whether there is room for why it has failed, and for what can be done.
pub fn tells_why(view: &TransferView, columns: usize, saying: Saying<'_>) -> bool {
    let error = view.transfer.error.as_deref().filter(|_| view.transfer.state == TransferState::Failed);
    error.is_some_and(|error| why(view, error, &next_after(view, saying.keys), columns, saying).is_some())
}

/// What to press after a failure: the same try again, or an answer without which it would only fail again.
pub(super) fn next_after(view: &TransferView, keys: &Keymap) -> String {
    let transfer = &view.transfer;
    let is_edit = transfer.on_conflict == OnConflict::OverwriteIf;
    match transfer.error.as_ref().map(|error| error.kind) {
        Some(FailureKind::Exists) => keys.filled(Place::Transfers, "{retry} asks what to do"),
        Some(FailureKind::Changed) if is_edit => keys.filled(Place::Transfers, "{retry} asks what to do"),
        _ => try_again(keys),
    }
}

/// What shows why it has failed; that it has its row's symbol says.
fn why_failed(keys: &Keymap) -> String {
    keys.filled(Place::Transfers, "{details} shows why")
}

/// How many columns it takes to say where the reason of a failure is shown.
pub fn columns_of_why(saying: Saying<'_>) -> usize {
    width(&why_failed(saying.keys))
}

/// Whether it has failed and nothing of the reason has room, but only what shows it.
pub fn points_at_why(view: &TransferView, columns: usize, saying: Saying<'_>) -> bool {
    let has_failed = view.transfer.state == TransferState::Failed && view.transfer.error.is_some();
    has_failed && words_in(view, None, columns, saying) == why_failed(saying.keys)
}

/// How long somebody may still upload, and why it cannot be seen whether they have.
fn waiting_for_upload(view: &TransferView, columns: usize) -> String {
    let blind =
        view.transfer.error.as_deref().map_or_else(String::new, |why| format!(" ({})", blind(why, view.next_try_in)));
    let left = view.next_try_in.map_or_else(String::new, |left| format!(", {} left", format::span(left)));
    let texts = [
        format!("waiting for somebody's upload{blind}{left}"),
        format!("waiting for an upload{blind}{left}"),
        format!("waiting{left}"),
        view.next_try_in.map_or_else(|| "waiting".into(), |left| format!("{} left", format::clock(left))),
    ];
    first_fitting(columns, texts)
}

/// Why it cannot be seen whether somebody has uploaded, or why the end is not the end yet.
fn blind(why: &Failure, left: Option<u64>) -> String {
    match why.kind {
        FailureKind::NotFound if left == Some(0) => "the bucket's clock is behind".into(),
        FailureKind::Denied | FailureKind::Offline | FailureKind::Busy => short_reason(why),
        _ if why.lacks_profile() => short_reason(why),
        _ => "cannot be looked for".into(),
    }
}

/// What it waits for, after what is done already; the longest first.
fn waiting(view: &TransferView, error: &Failure, saying: Saying<'_>) -> Vec<String> {
    let done = match view.transfer.state {
        TransferState::Recording => "stored, ",
        TransferState::Forgetting => "object deleted, ",
        _ => "",
    };
    let reason = reason(error, saying);
    vec![format!("{done}{reason}"), reason, short_reason(error)]
}

/// The same causes with how far it is, where bytes have moved: those first, since the bar is not there to tell it.
fn with_progress(view: &TransferView, causes: Vec<String>) -> Vec<String> {
    let moving =
        matches!(view.transfer.state, TransferState::Queued | TransferState::Sending | TransferState::Receiving);
    let Some(percent) = percent(view).filter(|percent| moving && *percent > 0) else { return causes };
    let told: Vec<String> = causes.iter().map(|cause| format!("at {percent}%, {cause}")).collect();
    told.into_iter().chain([format!("at {percent}%")]).chain(causes).collect()
}

/// The cause in a few words where the kind says it all, else the failure's own sentence.
fn reason(error: &Failure, saying: Saying<'_>) -> String {
    match error.kind {
        FailureKind::CatalogAway => "waiting for the catalog".into(),
        FailureKind::Busy => "the store asked to wait".into(),
        FailureKind::Offline | FailureKind::Credentials => short_reason(error),
        _ => saying.home.shorten(&display(&error.what)),
    }
}

/// The cause in a word or two.
fn short_reason(error: &Failure) -> String {
    let words = match error.kind {
        FailureKind::CatalogAway => "catalog",
        FailureKind::Offline => "offline",
        FailureKind::Busy => "busy",
        FailureKind::Credentials => "wrong credentials",
        FailureKind::Denied => "denied",
        FailureKind::ProfileMissing => "no such profile",
        FailureKind::ProfileElsewhere => "profile elsewhere",
        FailureKind::ProfileBroken => "mistake in profile",
        _ => "failed",
    };
    words.into()
}

fn plain_words(view: &TransferView, saying: Saying<'_>) -> String {
    let (transfer, keys) = (&view.transfer, saying.keys);
    let words = match transfer.state {
        TransferState::Queued => "queued",
        TransferState::Sending => "sending",
        TransferState::Receiving => "receiving",
        TransferState::Verifying => "verifying",
        TransferState::Recording if transfer.error.is_some() => "stored",
        TransferState::Recording => "stored, writing the record",
        TransferState::Placing => "moving into place",
        TransferState::Deleting if transfer.versions == Versions::Hidden => "removing hidden versions",
        TransferState::Deleting => "deleting the object",
        TransferState::Forgetting if transfer.error.is_some() => "object deleted",
        TransferState::Forgetting => "object deleted, removing the record",
        TransferState::Waiting => "waiting for somebody's upload",
        TransferState::Arrived => "arrived",
        TransferState::Done => return done(view),
        TransferState::Expired => "expired, nobody uploaded",
        TransferState::Paused => return paused(view, usize::MAX, saying),
        TransferState::Failed => return format!("failed: {}", try_again(keys)),
        TransferState::Cancelled => return format!("cancelled: {}", try_again(keys)),
    };
    words.into()
}

fn done(view: &TransferView) -> String {
    let met = view.transfer.error.as_ref().is_some_and(|error| error.kind == FailureKind::Exists);
    match (view.transfer.kind, view.transfer.size) {
        (TransferKind::Upload | TransferKind::Download, _) if met => "skipped: it is there already".into(),
        (TransferKind::Delete, _) if view.transfer.versions == Versions::Hidden => "hidden versions purged".into(),
        (TransferKind::Delete, _) => "deleted".into(),
        (TransferKind::Request, Some(size)) => format!("recorded, {}", format::size(size)),
        (TransferKind::Request, None) => "recorded".into(),
        (TransferKind::Upload, Some(size)) => format!("uploaded, {}", format::size(size)),
        (TransferKind::Upload, None) => "uploaded".into(),
        (TransferKind::Download, Some(size)) => format!("downloaded, {}", format::size(size)),
        (TransferKind::Download, None) => "downloaded".into(),
    }
}

fn paused(view: &TransferView, columns: usize, saying: Saying<'_>) -> String {
    let next = saying.keys.filled(Place::Transfers, "{pause} goes on");
    let plain = format!("paused: {next}");
    if let Some(end) = view.transfer.url_ends() {
        // Nobody counts down what is held, nor lets it expire.
        let (long, short) =
            if end > saying.now { ("its URL is good until", "good until") } else { ("its URL ended", "URL ended") };
        let texts = [long, short].map(|how| format!("paused, {how} {}: {next}", format::moment_soon(end)));
        return first_fitting(columns, [texts.as_slice(), &[plain]].concat());
    }
    match percent(view).filter(|percent| *percent > 0) {
        Some(percent) => {
            let texts = [format!("paused at {percent}%: {next}"), format!("paused {percent}%: {next}"), plain];
            first_fitting(columns, texts)
        }
        None => plain,
    }
}

/// The first that fits, else the last.
fn first_fitting(columns: usize, texts: impl AsRef<[String]>) -> String {
    let texts = texts.as_ref();
    let fitting = texts.iter().find(|text| width(text) <= columns);
    fitting.or(texts.last()).cloned().unwrap_or_default()
}

/// How much is through, 0 to 100, where the size is known.
pub fn percent(view: &TransferView) -> Option<u64> {
    let size = view.transfer.size?;
    Some(if size == 0 { 100 } else { (u128::from(view.sent.min(size)) * 100 / u128::from(size)) as u64 })
}

#[cfg(test)]
mod tests;
