//! What opens a gate and what shuts it, and for how long.

use super::*;

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "why")
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// A gate that was shut at second 0.
fn shut_by(kind: FailureKind) -> Gate {
    let mut gate = Gate::default();
    gate.meet(TransferId::fresh(), &failure(kind), at(0));
    gate
}

#[test]
fn one_is_tried_after_a_second_and_its_answer_opens_the_gate() {
    let mut gate = shut_by(FailureKind::Offline);
    assert_eq!(gate.pass(at(0)), Pass::None);
    assert_eq!(gate.shown(7, at(0)).map(|hold| (hold.next_try_in.is_some(), hold.waiting)), Some((true, 7)));
    assert_eq!(gate.pass(at(2)), Pass::One);
    let probe = TransferId::fresh();
    gate.probe(probe);
    assert_eq!(gate.pass(at(3)), Pass::None, "one at a time");
    assert_eq!(gate.turns_away(), None, "the one that is tried must get through");
    gate.through(TransferId::fresh());
    assert!(gate.is_shut(), "another's answer came before it was tried");
    gate.through(probe);
    assert_eq!(gate.pass(at(3)), Pass::All);
}

#[test]
fn waits_grow_to_half_a_minute_and_are_not_the_same_for_all() {
    let mut gate = Gate::default();
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let id = TransferId::fresh();
        gate.probe(id);
        assert_eq!(gate.meet(id, &failure(FailureKind::Offline), now), Met::Held);
        let next = gate.opens_at().unwrap();
        waits.push((next - now).num_milliseconds());
        now = next;
    }
    let least = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
    assert!(waits.iter().zip(least).all(|(wait, least)| (least..=least * 5 / 4).contains(wait)), "{waits:?}");
    let same = |byte| spread(TransferId(uuid::Uuid::from_bytes([byte; 16])), 30);
    assert_ne!(same(1), same(200));
}

#[test]
fn those_under_way_neither_prolong_a_hold_nor_raise_another() {
    let mut gate = shut_by(FailureKind::Offline);
    let next = gate.opens_at();
    for _ in 0..8 {
        assert_eq!(gate.meet(TransferId::fresh(), &failure(FailureKind::Offline), at(0)), Met::Held);
    }
    assert_eq!(gate.opens_at(), next);
    gate.through(TransferId::fresh());
    assert!(!gate.is_shut(), "the bucket has answered one: it can be reached");
}

#[test]
fn what_the_other_side_asks_for_is_waited_for() {
    let mut gate = Gate::default();
    let asked = failure(FailureKind::Offline).retry_after(Some(Duration::from_secs(42)));
    gate.meet(TransferId::fresh(), &asked, at(0));
    assert_eq!(gate.opens_at(), Some(at(42)));
}

#[test]
fn wrong_credentials_hold_all_until_somebody_retries() {
    let mut gate = Gate::default();
    let wrong = failure(FailureKind::Credentials);
    for _ in 0..8 {
        assert_eq!(gate.meet(TransferId::fresh(), &wrong, at(0)), Met::Held);
    }
    assert_eq!(gate.pass(at(1_000_000)), Pass::None);
    assert_eq!(gate.shown(3, at(0)).unwrap().next_try_in, None);
    gate.through(TransferId::fresh());
    assert!(gate.is_shut(), "what was under way with the old credentials proves nothing");
    gate.try_now();
    let probe = TransferId::fresh();
    assert_eq!(gate.pass(at(5)), Pass::One);
    gate.probe(probe);
    assert_eq!(gate.meet(probe, &wrong, at(6)), Met::Held, "still wrong: it waits with the others");
    assert_eq!(gate.pass(at(1_000_000)), Pass::None);
}

#[test]
fn credentials_that_turn_out_wrong_after_an_outage_hold_all_too() {
    let mut gate = shut_by(FailureKind::Offline);
    let probe = TransferId::fresh();
    gate.probe(probe);
    assert_eq!(gate.meet(probe, &failure(FailureKind::Credentials), at(2)), Met::Held);
    assert_eq!(gate.pass(at(1_000_000)), Pass::None);
}

#[test]
fn a_missing_profile_is_looked_for_every_half_minute() {
    let mut gate = shut_by(FailureKind::ProfileMissing);
    let next = gate.opens_at().unwrap();
    assert!(next >= at(30));
    let probe = TransferId::fresh();
    gate.probe(probe);
    gate.meet(probe, &failure(FailureKind::ProfileMissing), next);
    assert!(gate.opens_at().unwrap() - next >= TimeDelta::seconds(30));
}

#[test]
fn slow_down_for_so_long_holds_all_for_so_long_and_not_longer() {
    let mut gate = Gate::default();
    let busy = failure(FailureKind::Busy);
    assert_eq!(gate.meet(TransferId::fresh(), &busy, at(0)), Met::Own);
    assert!(!gate.is_shut(), "without a time it is each transfer's own");
    let asked = busy.retry_after(Some(Duration::from_secs(5)));
    assert_eq!(gate.meet(TransferId::fresh(), &asked, at(0)), Met::Own);
    gate.through(TransferId::fresh());
    assert_eq!(gate.pass(at(4)), Pass::None);
    assert_eq!(gate.pass(at(5)), Pass::All);
    gate.refresh(at(5));
    assert!(!gate.is_shut());
}

#[test]
fn an_outcome_that_says_nothing_lets_another_be_tried() {
    let mut gate = shut_by(FailureKind::Offline);
    let probe = TransferId::fresh();
    gate.probe(probe);
    gate.unproven(TransferId::fresh());
    assert_eq!(gate.pass(at(2)), Pass::None);
    gate.unproven(probe);
    assert_eq!(gate.pass(at(2)), Pass::One);
}
