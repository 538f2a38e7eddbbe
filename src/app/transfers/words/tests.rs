//! What rows of transfers say, in whatever room there is.

use std::sync::Arc;

use super::*;
use crate::app::tests::stage::transfer;

static NO_HOME: std::sync::LazyLock<HomeFolder> = std::sync::LazyLock::new(HomeFolder::default);

fn at_first(keys: &Keymap) -> Saying<'_> {
    Saying { keys, now: DateTime::UNIX_EPOCH, home: &NO_HOME }
}

fn words(view: &TransferView, hold: Option<&Hold>) -> String {
    super::words(view, hold, at_first(&Keymap::default()))
}

fn words_in(view: &TransferView, hold: Option<&Hold>, columns: usize) -> String {
    super::words_in(view, hold, columns, at_first(&Keymap::default()))
}
fn waiting_for(state: TransferState, kind: FailureKind, next_try_in: Option<u64>) -> TransferView {
    let mut view = transfer(1, TransferKind::Upload, state, "a");
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(kind, "it broke").hint("mend it").into());
    view.next_try_in = next_try_in;
    view
}

fn hold_of(kind: FailureKind, what: &str) -> Hold {
    Hold { failure: Failure::new(kind, what), next_try_in: Some(30), waiting: 1 }
}

#[test]
fn a_state_says_what_happens_next() {
    let said = |state, kind, wait| words(&waiting_for(state, kind, wait), None);
    let catalog = said(TransferState::Recording, FailureKind::CatalogAway, Some(8));
    assert_eq!(catalog, "stored, waiting for the catalog: next try in 8 s");
    assert_eq!(said(TransferState::Sending, FailureKind::Offline, Some(12)), "offline: next try in 12 s");
    assert_eq!(said(TransferState::Failed, FailureKind::Local, None), "failed: it broke; r tries again");
    let broken = waiting_for(TransferState::Queued, FailureKind::ProfileBroken, Some(30));
    assert_eq!(words_in(&broken, None, 40), "it broke: next try in 30 s");
    let narrow = hold_of(FailureKind::ProfileBroken, "unknown key bukcet in config.toml");
    let said = super::standing(&narrow, 40, at_first(&Keymap::default()));
    assert_eq!(said, "mistake in profile: next try in 30 s");
    let plain = |state| words(&transfer(1, TransferKind::Upload, state, "a"), None);
    assert_eq!(plain(TransferState::Paused), "paused: p goes on");
    assert_eq!(plain(TransferState::Queued), "queued");
}

#[test]
fn what_is_done_says_what_was_done() {
    let said = |kind| words(&transfer(1, kind, TransferState::Done, "a"), None);
    assert_eq!(said(TransferKind::Upload), "uploaded, 100 B");
    assert_eq!(said(TransferKind::Download), "downloaded, 100 B");
    assert_eq!(said(TransferKind::Delete), "deleted");
    let skipped = waiting_for(TransferState::Done, FailureKind::Exists, None);
    assert_eq!(words(&skipped, None), "skipped: it is there already");
    let met = waiting_for(TransferState::Failed, FailureKind::Exists, None);
    assert_eq!(words(&met, None), "failed: it broke; r asks what to do");
}

#[test]
fn no_row_is_a_chain_of_colons() {
    let because = |state, kind, wait| {
        let mut view = waiting_for(state, kind, wait);
        let what = "cannot read /tmp/a: it is not there";
        Arc::make_mut(&mut view.transfer).error = Some(Failure::new(kind, what).into());
        words(&view, None)
    };
    let again = because(TransferState::Sending, FailureKind::Internal, Some(5));
    assert_eq!(again, "cannot read /tmp/a: it is not there; next try in 5 s");
    let given_up = because(TransferState::Failed, FailureKind::Local, None);
    assert_eq!(given_up, "failed, cannot read /tmp/a: it is not there; r tries again");
    let met = Failure::new(FailureKind::Exists, "sit/HEAD exists in the bucket");
    let mut view = transfer(1, TransferKind::Upload, TransferState::Failed, "sit/HEAD");
    Arc::make_mut(&mut view.transfer).error = Some(crate::domain::met::Met::Same.said(met).into());
    let said = "failed: sit/HEAD exists in the bucket, with the same bytes; r asks what to do";
    assert_eq!(words(&view, None), said);
}

#[test]
fn what_can_be_done_is_named_by_the_keys_in_force() {
    let rebound = |action, keys| crate::action::Rebound {
        context: crate::action::Context::Transfers,
        action,
        keys: crate::action::parse_keys(keys).into_iter().collect(),
        line: 1,
    };
    use crate::action::Action::{Pause, Retry, TransferDetails};
    let lines = [rebound(Retry, "T"), rebound(Pause, "ctrl-w"), rebound(TransferDetails, "")];
    let keys = Keymap::with(&lines).0;
    let said = |view: &TransferView, columns| super::words_in(view, None, columns, at_first(&keys));
    assert_eq!(said(&transfer(1, TransferKind::Upload, TransferState::Paused, "a"), 40), "paused: ^w goes on");
    let failed = waiting_for(TransferState::Failed, FailureKind::Local, None);
    assert_eq!(said(&failed, 60), "failed: it broke; T tries again");
    assert_eq!(
        (said(&failed, 25).as_str(), said(&failed, 20).as_str()),
        ("it broke; T tries again", ":details shows why")
    );
}

#[test]
fn a_request_says_how_long_somebody_may_still_upload() {
    let mut view = transfer(1, TransferKind::Request, TransferState::Waiting, "a");
    view.next_try_in = Some(252);
    assert_eq!(words(&view, None), "waiting for somebody's upload, 4 min 12 s left");
    assert_eq!(words_in(&view, None, 30), "waiting, 4 min 12 s left");
    assert_eq!(words_in(&view, None, 23), "4:12 left");
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Denied, "no").into());
    assert_eq!(words(&view, None), "waiting for somebody's upload (denied), 4 min 12 s left");
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Internal, "odd").into());
    assert_eq!(words(&view, None), "waiting for somebody's upload (cannot be looked for), 4 min 12 s left");
}

#[test]
fn a_request_that_is_held_says_until_when_its_url_is_good() {
    let mut view = transfer(1, TransferKind::Request, TransferState::Paused, "a");
    let end = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let asked = crate::domain::transfer::AskedUpload { size: None, content_type: "a/b".into(), expires_at: end };
    Arc::make_mut(&mut view.transfer).asked = Some(Box::new(asked));
    let until = format::moment_soon(end);
    assert_eq!(words(&view, None), format!("paused, its URL is good until {until}: p goes on"));
    assert_eq!(words_in(&view, None, 44), format!("paused, good until {until}: p goes on"));
    assert_eq!(words_in(&view, None, 20), "paused: p goes on");
    let keys = Keymap::default();
    let said = |columns| super::words_in(&view, None, columns, Saying { now: end, ..at_first(&keys) });
    assert_eq!(said(80), format!("paused, its URL ended {until}: p goes on"), "and nothing let it expire");
    assert_eq!(said(43), format!("paused, URL ended {until}: p goes on"));
}

#[test]
fn in_little_room_what_happens_next_stays() {
    let waits = waiting_for(TransferState::Recording, FailureKind::CatalogAway, Some(8));
    assert_eq!(words_in(&waits, None, 40), "waiting for the catalog: next try in 8 s");
    assert_eq!(words_in(&waits, None, 25), "catalog: next try in 8 s");
    assert_eq!(words_in(&waits, None, 20), "next try in 8 s");
    let failed = waiting_for(TransferState::Failed, FailureKind::Local, None);
    assert_eq!(words_in(&failed, None, 25), "it broke; r tries again");
    assert_eq!(words_in(&failed, None, 20), "Enter shows why");
    let tried = waiting_for(TransferState::Recording, FailureKind::CatalogAway, None);
    assert_eq!(words_in(&tried, None, 40), "stored, waiting for the catalog");
    assert_eq!(words_in(&tried, None, 23), "stored, catalog");
    let mut paused = transfer(1, TransferKind::Upload, TransferState::Paused, "a");
    paused.sent = 73;
    assert_eq!(words_in(&paused, None, 40), "paused at 73%: p goes on");
    assert_eq!(words_in(&paused, None, 23), "paused 73%: p goes on");
    assert_eq!(words_in(&paused, None, 9), "paused: p goes on");
}

#[test]
fn what_waits_behind_its_profile_says_why() {
    let view = transfer(1, TransferKind::Upload, TransferState::Queued, "a");
    let hold = |kind, next_try_in| Hold { failure: Failure::new(kind, "no"), next_try_in, waiting: 9 };
    let offline = hold(FailureKind::Offline, Some(12));
    assert_eq!(words(&view, Some(&offline)), "offline: next try in 12 s");
    let stopped = hold(FailureKind::Credentials, None);
    assert_eq!(words(&view, Some(&stopped)), "stopped: wrong credentials; r tries again");
    assert_eq!((tone(&view, Some(&offline)), tone(&view, Some(&stopped))), (Tone::Waiting, Tone::Bad));
}

#[test]
fn what_waits_with_some_of_its_bytes_through_says_how_far_it_is() {
    let mut waits = waiting_for(TransferState::Sending, FailureKind::Offline, Some(1));
    waits.sent = 42;
    assert_eq!(words(&waits, None), "at 42%, offline: next try in 1 s");
    assert_eq!(words_in(&waits, None, 26), "at 42%: next try in 1 s");
    assert_eq!(words_in(&waits, None, 20), "next try in 1 s");
    let hold = Hold { failure: Failure::new(FailureKind::Credentials, "no"), next_try_in: None, waiting: 1 };
    assert_eq!(words(&waits, Some(&hold)), "at 42%, stopped: wrong credentials; r tries again");
    assert_eq!(words_in(&waits, Some(&hold), 45), "at 42%, wrong credentials: r tries again");
    waits.sent = 0;
    assert_eq!(words(&waits, None), "offline: next try in 1 s");
}
