//! What is seen of the database: that it sleeps, wakes up, lacks its table, or keeps users apart.

use std::time::Duration;

use super::stage::{Stage, identity, profile, slot_of, transfer};
use crate::app::{Answer, Database, Dialog, Effect, Phase};
use crate::config::{CatalogConfig, DatabaseTls, Profile};
use crate::domain::transfer::{Hold, Lane, Limits, QueueView};
use crate::domain::{Failure, FailureKind, RowSecurity, Secret, TransferKind, TransferState};

#[test]
fn a_database_that_does_not_answer_is_said_to_wake_up_after_a_second() {
    let mut stage = Stage::new();
    assert_eq!(stage.app.remote().database(), &Database::Unknown);
    stage.wait(1);
    assert!(matches!(stage.app.remote().database(), Database::Waking { .. }));
    assert_eq!(stage.effects, [], "there is nothing more to wait for");
}

#[test]
fn a_database_that_is_away_is_a_state_and_r_tries_again() {
    let mut stage = Stage::new();
    let failure = Failure::new(FailureKind::CatalogAway, "the database at host is asleep");
    let request = stage.asked("LoadRecords");
    stage.answer(request, Answer::Records { page: Err(failure.clone()), took: Duration::ZERO });
    assert_eq!(stage.app.remote().database(), &Database::Away(failure.clone()));
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Failed(&failure));
    stage.press("2 R");
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Loading);
}

#[test]
fn a_missing_table_offers_to_migrate_and_is_read_once_it_is_there() {
    let mut stage = Stage::new();
    let failure = Failure::new(FailureKind::NeedsMigration, "there is no table r2_files");
    let request = stage.asked("LoadRecords");
    stage.answer(request, Answer::Records { page: Err(failure), took: Duration::ZERO });
    assert!(matches!(stage.app.dialog(), Some(Dialog::Confirm(dialog)) if dialog.title.contains("r2_files")));
    stage.press("y");
    let request = stage.asked("Migrate");
    assert_eq!(stage.effects, [Effect::Migrate { request, profile: "prod".into() }]);
    stage.answer(request, Answer::Migrated(Ok(vec!["1_base".into()])));
    assert_eq!(stage.said(), ["the table is ready (1 applied)"]);
    stage.asked("LoadRecords");
}

#[test]
fn a_read_only_profile_is_not_offered_a_migration() {
    let mut read_only = profile("prod");
    read_only.read_only = true;
    let mut stage = Stage::with(vec![slot_of(read_only)]);
    let request = stage.asked("LoadRecords");
    let failure = Failure::new(FailureKind::NeedsMigration, "there is no table r2_files");
    stage.answer(request, Answer::Records { page: Err(failure), took: Duration::ZERO });
    assert!(stage.app.dialog().is_none());
}

/// What a database that was suspended or stopped answers.
fn away() -> Failure {
    Failure::new(FailureKind::CatalogAway, "the database at host is asleep")
}

fn fails(stage: &mut Stage) {
    let request = stage.asked("LoadRecords");
    stage.answer(request, Answer::Records { page: Err(away()), took: Duration::ZERO });
}

#[test]
fn a_database_that_went_to_sleep_is_asked_again_in_one_calm_state() {
    let mut stage = Stage::full();
    stage.press("2 R");
    for seconds in [2, 4] {
        fails(&mut stage);
        assert!(matches!(stage.app.remote().database(), Database::Waking { .. }));
        assert_eq!((stage.remote().len(), stage.said()), (3, vec![]), "nothing is lost, and nothing is shouted");
        assert_eq!(stage.asked_if("LoadRecords"), None, "not at once");
        stage.wait(seconds);
    }
    stage.answer_records(&["new.png", "mid.txt", "old.pdf"], false);
    assert_eq!(stage.app.remote().database(), &Database::Ok { took: Duration::from_millis(12) });
}

#[test]
fn a_database_that_stays_away_is_asked_no_more_until_somebody_does() {
    let mut stage = Stage::full();
    stage.press("2 R");
    for seconds in [2, 4, 8] {
        fails(&mut stage);
        stage.wait(seconds);
    }
    fails(&mut stage);
    assert_eq!(stage.app.remote().database(), &Database::Asleep(away()));
    assert_eq!((stage.remote().len(), stage.said()), (3, vec!["the database at host is asleep"]));
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Ready);
    stage.wait(600);
    assert_eq!(stage.asked_if("LoadRecords"), None);
    stage.press("R");
    fails(&mut stage);
    assert!(matches!(stage.app.remote().database(), Database::Waking { .. }));
}

#[test]
fn a_sleeping_database_is_left_alone_while_the_bucket_is_shown() {
    let mut stage = Stage::full();
    stage.press("2 R");
    fails(&mut stage);
    stage.press("v").answer_objects(&["a"], None);
    stage.wait(60);
    assert_eq!(stage.asked_if("LoadRecords"), None);
    stage.press("v");
    stage.asked("LoadRecords");
}

#[test]
fn row_level_security_is_asked_about_once_and_only_where_the_profile_counts_on_it() {
    assert_eq!(Stage::full().asked_if("RowSecurity"), None);
    let catalog = CatalogConfig::Postgres {
        url: Secret::new("postgres://h/d"),
        tls: DatabaseTls::Verify,
        schema: "public".into(),
        rls_setting: Some("app.user_id".into()),
    };
    let mut stage = Stage::with(vec![slot_of(Profile { catalog, ..profile("prod") })]);
    stage.answer_records(&["a"], false);
    let request = stage.asked("RowSecurity");
    let seen = RowSecurity::Bypassed { role: "owner".into(), why: "it is a superuser" };
    stage.answer(request, Answer::RowSecurity(Ok(seen.clone())));
    assert_eq!(stage.app.remote().row_security(), Some(&seen));
    stage.press("2 R").answer_records(&["a"], false);
    assert_eq!(stage.app.remote().row_security(), Some(&seen));
    assert_ne!(stage.asked_if("RowSecurity"), Some(request));
    stage.effects.clear();
    stage.press("R");
    assert_eq!(stage.asked_if("RowSecurity"), None);
}

#[test]
fn a_database_that_took_a_record_is_there_though_nothing_was_asked_of_it() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    stage.press("P j enter").press("P k enter");
    assert_eq!(stage.app.remote().database(), &Database::Unknown);
    let sending = transfer(1, TransferKind::Upload, TransferState::Sending, "b.txt");
    let done = transfer(1, TransferKind::Upload, TransferState::Done, "b.txt");
    stage.queue(vec![sending]).queue(vec![done]);
    assert_eq!(stage.app.remote().database(), &Database::Heard);
}

/// The queue as its profile's records stand still for this.
fn records_wait(why: Option<&Failure>) -> QueueView {
    let hold = why.map(|failure| Hold { failure: failure.clone(), next_try_in: Some(4), waiting: 1 });
    let limits = Limits { jobs: 8, rate: 0 };
    QueueView {
        transfers: vec![transfer(1, TransferKind::Delete, TransferState::Forgetting, "a.txt")],
        lanes: vec![Lane { profile: identity("prod"), limits, hold: None, records: hold }],
        ..QueueView::default()
    }
}

#[test]
fn a_database_that_transfers_cannot_reach_is_away_until_it_is_heard_of_again() {
    let mut stage = Stage::full();
    stage.snapshot(records_wait(Some(&away())));
    assert_eq!(stage.app.remote().database(), &Database::Away(away()));
    stage.snapshot(records_wait(None));
    assert_eq!(stage.app.remote().database(), &Database::Unknown, "nothing is known of it yet");
    stage.queue(vec![transfer(1, TransferKind::Delete, TransferState::Done, "a.txt")]);
    assert_eq!(stage.app.remote().database(), &Database::Heard);
}

#[test]
fn what_a_database_answers_counts_more_than_what_stopped_its_transfers_before() {
    let mut stage = Stage::full();
    stage.snapshot(records_wait(Some(&away()))).press("2 R").answer_records(&["a.txt"], false);
    let answered = Database::Ok { took: Duration::from_millis(12) };
    assert_eq!(stage.app.remote().database(), &answered);
    stage.snapshot(records_wait(Some(&away())));
    assert_eq!(stage.app.remote().database(), &answered, "the hold is as old as before");
    stage.snapshot(records_wait(None));
    assert_eq!(stage.app.remote().database(), &answered);
    let refused = Failure::new(FailureKind::CatalogRefused, "the password is wrong");
    stage.snapshot(records_wait(Some(&refused)));
    assert_eq!(stage.app.remote().database(), &Database::Refused(refused), "this one is newer");
}

#[test]
fn what_stops_another_profile_says_nothing_of_this_database() {
    let mut stage = Stage::full();
    let before = stage.app.remote().database().clone();
    let mut view = records_wait(Some(&away()));
    view.lanes[0].profile = identity("other");
    stage.snapshot(view);
    assert_eq!(stage.app.remote().database(), &before);
}

/// What a server that does not run comes to.
fn refused() -> Failure {
    Failure::new(FailureKind::CatalogAway, "it refused the connection").nobody_there()
}

fn refuses(stage: &mut Stage) {
    let request = stage.asked("LoadRecords");
    stage.answer(request, Answer::Records { page: Err(refused()), took: Duration::ZERO });
}

#[test]
fn a_database_that_refuses_the_connection_is_unreachable_at_once_and_that_is_said_once() {
    let mut stage = Stage::full();
    stage.press("2 R");
    for seconds in [2, 4, 8] {
        refuses(&mut stage);
        assert_eq!(stage.app.remote().database(), &Database::Away(refused()));
        assert_eq!((stage.remote().len(), stage.said()), (3, vec!["it refused the connection"]));
        stage.wait(seconds);
    }
    refuses(&mut stage);
    assert_eq!((stage.app.remote().database(), stage.said().len()), (&Database::Away(refused()), 1));
    stage.wait(600).press("R").pause(1_000).wait(0);
    assert_eq!(stage.app.remote().database(), &Database::Away(refused()), "nothing says that it wakes up");
}

#[test]
fn a_database_that_runs_again_is_seen_without_a_key() {
    let mut stage = Stage::full();
    stage.press("2 R");
    refuses(&mut stage);
    stage.wait(2);
    fails(&mut stage);
    assert!(matches!(stage.app.remote().database(), Database::Waking { .. }), "it is there, and not ready");
    stage.wait(4).answer_records(&["new.png"], false);
    assert_eq!(stage.app.remote().database(), &Database::Ok { took: Duration::from_millis(12) });
}

#[test]
fn a_key_that_would_be_typed_into_the_search_is_not_named_alone() {
    let mut stage = Stage::full();
    stage.press("2 / x");
    let failure = Failure::new(FailureKind::Busy, "the table is too large");
    let request = stage.asked("LoadRecords");
    stage.answer(request, Answer::Records { page: Err(failure.clone()), took: Duration::ZERO });
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Failed(&failure));
    assert_eq!(stage.app.what_again_does(&failure), "Enter, then R tries again");
    stage.press("enter");
    assert_eq!(stage.app.what_again_does(&failure), "R tries again");
}
