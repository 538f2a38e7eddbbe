//! A list that grew by more than a page is read until it is whole again, whatever comes between: what is half read is not
//! taken for all there is.

use std::time::Duration;

use chrono::DateTime;

use super::stage::{Stage, record, transfer};
use crate::app::{Answer, Effect, RequestId, Tail};
use crate::domain::{Failure, FailureKind, Record, RecordCursor, RecordPage, Sort};
use crate::domain::{TransferKind, TransferState};

/// A page of records that many hours newer than those that [`Stage::full`] shows; more come behind them.
fn newer(hours: [i64; 2]) -> RecordPage {
    let new = |hours: &i64| Record {
        id: 1_000_000 + hours,
        key: format!("new-{hours}"),
        uploaded_at: DateTime::from_timestamp(1_700_000_000 + 3600 * hours, 0),
        ..record("", 0)
    };
    let records: Vec<Record> = hours.iter().map(new).collect();
    let next = records.last().map(|last| RecordCursor::behind(last, Sort::NEWEST));
    RecordPage { records, next, ..RecordPage::default() }
}

/// The rows that were there, behind the new ones.
fn old() -> RecordPage {
    let keys = ["new.png", "mid.txt", "old.pdf"];
    let records = keys.iter().zip(0..).map(|(key, number)| record(key, number)).collect();
    RecordPage { records, ..RecordPage::default() }
}

fn answer(stage: &mut Stage, request: RequestId, page: RecordPage) {
    stage.answer(request, Answer::Records { page: Ok(page), took: Duration::ZERO });
}

/// Which pages of which search the database was asked for: behind which record, by its id.
fn asked(stage: &Stage) -> Vec<(String, Option<i64>)> {
    let of = |effect: &Effect| match effect {
        Effect::LoadRecords { wanted, after, .. } => {
            Some((wanted.search.clone(), after.as_ref().map(|after| after.id)))
        }
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

fn behind(hours: i64) -> Vec<(String, Option<i64>)> {
    vec![(String::new(), Some(1_000_000 + hours))]
}

/// Something was uploaded that the list has not seen.
fn upload(stage: &mut Stage, number: u128) {
    stage.queue(vec![transfer(number, TransferKind::Upload, TransferState::Queued, "up.txt")]);
    stage.queue(vec![transfer(number, TransferKind::Upload, TransferState::Done, "up.txt")]);
    stage.wait(2);
}

/// Three records before which eight were uploaded, of which the newest two have come; the next page is on its way.
fn catching_up() -> (Stage, RequestId) {
    let mut stage = Stage::full();
    stage.press("2");
    upload(&mut stage, 1);
    let first = stage.asked("LoadRecords");
    answer(&mut stage, first, newer([8, 7]));
    assert_eq!((asked(&stage), stage.remote().len()), (behind(7), 5));
    let next = stage.asked("LoadRecords");
    (stage, next)
}

/// Whether the list is taken for all there is.
fn is_whole(stage: &Stage) -> bool {
    let remote = stage.app.remote();
    *remote.tail() == Tail::End || remote.catalog().exact().is_some()
}

/// Reads the rest of what was uploaded, the page behind the newest two being on its way.
fn read_the_rest(stage: &mut Stage) {
    for hours in [[6, 5], [4, 3], [2, 1]] {
        assert!(!is_whole(stage));
        let request = stage.asked("LoadRecords");
        answer(stage, request, newer(hours));
    }
    let request = stage.asked("LoadRecords");
    answer(stage, request, old());
    assert_eq!((stage.remote().len(), is_whole(stage), stage.asked_if("LoadRecords")), (11, true, None));
    assert_eq!(stage.app.remote().catalog().exact(), Some(11));
}

#[test]
fn a_list_that_is_half_read_again_is_not_taken_for_whole() {
    let (mut stage, _) = catching_up();
    read_the_rest(&mut stage);
}

#[test]
fn a_search_that_begins_meanwhile_leaves_the_rest_to_be_read_when_it_ends() {
    let (mut stage, next) = catching_up();
    stage.press("/ a");
    answer(&mut stage, next, newer([6, 5]));
    let search = stage.asked("LoadRecords");
    answer(&mut stage, search, RecordPage { records: vec![record("a", 7)], ..RecordPage::default() });
    assert_eq!((stage.remote(), stage.app.remote().catalog().exact()), (vec!["a".to_owned()], None));
    stage.press("enter esc");
    assert_eq!((asked(&stage), stage.remote().len()), (behind(7), 5));
    read_the_rest(&mut stage);
}

#[test]
fn an_esc_too_many_does_not_stop_what_the_list_catches_up_with_by_itself() {
    let (mut stage, next) = catching_up();
    stage.press("/ a");
    answer(&mut stage, next, newer([6, 5]));
    let search = stage.asked("LoadRecords");
    answer(&mut stage, search, RecordPage { records: vec![record("a", 7)], ..RecordPage::default() });
    stage.press("enter esc esc");
    assert_eq!((asked(&stage), stage.said().contains(&"stopped reading; R begins again")), (behind(7), false));
    read_the_rest(&mut stage);
}

#[test]
fn a_search_that_is_cleared_before_it_was_answered_changes_nothing() {
    let (mut stage, next) = catching_up();
    stage.press("/ a esc");
    assert_eq!(asked(&stage), [], "the page is on its way still");
    answer(&mut stage, next, newer([6, 5]));
    assert_eq!((asked(&stage), stage.remote().len()), (behind(5), 7));
}

#[test]
fn a_search_during_which_more_is_uploaded_leaves_no_hole_either() {
    let (mut stage, next) = catching_up();
    stage.press("/ a");
    answer(&mut stage, next, newer([6, 5]));
    let search = stage.asked("LoadRecords");
    answer(&mut stage, search, RecordPage { records: vec![record("a", 7)], ..RecordPage::default() });
    stage.press("enter esc").press("R");
    let first = stage.asked("LoadRecords");
    answer(&mut stage, first, newer([10, 9]));
    assert_eq!((asked(&stage), is_whole(&stage)), (behind(9), false));
    let second = stage.asked("LoadRecords");
    answer(&mut stage, second, newer([8, 7]));
    assert_eq!(
        (asked(&stage), is_whole(&stage)),
        (behind(7), false),
        "what came before the search stands behind a hole"
    );
}

#[test]
fn folders_and_a_type_that_are_taken_back_at_once_leave_the_rest_to_be_read() {
    let (mut stage, next) = catching_up();
    stage.press("f f");
    answer(&mut stage, next, newer([6, 5]));
    assert_eq!(asked(&stage), behind(5));
    let next = stage.asked("LoadRecords");
    stage.press(":").type_text("type image").press("enter esc");
    answer(&mut stage, next, newer([4, 3]));
    assert_eq!((asked(&stage), is_whole(&stage)), (behind(3), false));
}

#[test]
fn an_order_that_fails_leaves_the_rest_to_be_read() {
    let (mut stage, next) = catching_up();
    stage.press("o s");
    answer(&mut stage, next, newer([6, 5]));
    let sorted = stage.asked("LoadRecords");
    let failure = Failure::new(FailureKind::Usage, "it cannot be sorted so");
    stage.answer(sorted, Answer::Records { page: Err(failure), took: Duration::ZERO });
    assert_eq!((asked(&stage), is_whole(&stage)), (behind(7), false));
    read_the_rest(&mut stage);
}

#[test]
fn an_order_that_comes_takes_the_place_of_what_was_half_read() {
    let (mut stage, next) = catching_up();
    stage.press("o s");
    answer(&mut stage, next, newer([6, 5]));
    let sorted = stage.asked("LoadRecords");
    answer(&mut stage, sorted, old());
    assert_eq!((stage.remote().len(), is_whole(&stage), asked(&stage)), (3, true, vec![]));
}

#[test]
fn a_view_that_is_shown_meanwhile_does_not_stop_it() {
    let (mut stage, next) = catching_up();
    stage.press("v");
    answer(&mut stage, next, newer([6, 5]));
    assert_eq!(asked(&stage), behind(5));
    let request = stage.asked("LoadRecords");
    stage.press("v");
    answer(&mut stage, request, newer([4, 3]));
    assert_eq!((asked(&stage), is_whole(&stage)), (behind(3), false));
}

#[test]
fn another_profile_knows_nothing_of_it_and_the_way_back_reads_anew() {
    let (mut stage, _) = catching_up();
    stage.press("P j enter").answer_page(old());
    assert_eq!((stage.remote().len(), is_whole(&stage)), (3, true));
    stage.press("P k enter").answer_page(old());
    assert_eq!((stage.remote().len(), is_whole(&stage)), (3, true));
}

#[test]
fn a_database_that_goes_away_meanwhile_leaves_a_list_that_is_not_whole() {
    let (mut stage, next) = catching_up();
    let away = || Failure::new(FailureKind::CatalogAway, "the database is away");
    stage.answer(next, Answer::Records { page: Err(away()), took: Duration::ZERO });
    assert_eq!((stage.remote().len(), stage.app.remote().tail(), asked(&stage)), (5, &Tail::Failed(away()), vec![]));
    stage.wait(3);
    assert_eq!(asked(&stage), [(String::new(), None)]);
    let again = stage.asked("LoadRecords");
    answer(&mut stage, again, newer([8, 7]));
    assert_eq!(asked(&stage), behind(7));
    read_the_rest(&mut stage);
}

#[test]
fn what_failed_for_good_is_read_on_once_the_list_is_read_again() {
    let (mut stage, next) = catching_up();
    let refused = Failure::new(FailureKind::Usage, "no");
    stage.answer(next, Answer::Records { page: Err(refused.clone()), took: Duration::ZERO });
    assert_eq!((stage.app.remote().tail(), stage.said().last()), (&Tail::Failed(refused), Some(&"no")));
    upload(&mut stage, 2);
    let first = stage.asked("LoadRecords");
    answer(&mut stage, first, newer([8, 7]));
    assert_eq!(asked(&stage), behind(7));
    read_the_rest(&mut stage);
}

#[test]
fn what_somebody_had_read_again_and_stopped_is_told_to_be_stopped() {
    let (mut stage, _) = catching_up();
    stage.press("R");
    let first = stage.asked("LoadRecords");
    answer(&mut stage, first, newer([8, 7]));
    stage.press("esc");
    assert_eq!((stage.app.remote().tail(), stage.asked_if("LoadRecords")), (&Tail::Stopped, None));
    stage.press("R");
    let again = stage.asked("LoadRecords");
    answer(&mut stage, again, newer([8, 7]));
    read_the_rest(&mut stage);
}

#[test]
fn records_of_the_rest_that_are_deleted_meanwhile_leave_the_hole_where_it_is() {
    let (mut stage, next) = catching_up();
    stage.press("/ a");
    answer(&mut stage, next, newer([6, 5]));
    let search = stage.asked("LoadRecords");
    answer(&mut stage, search, RecordPage { records: vec![record("a", 7)], ..RecordPage::default() });
    let delete = |state| {
        let one = |(number, key): (u128, &str)| transfer(number, TransferKind::Delete, state, key);
        [(2, "new.png"), (3, "mid.txt"), (4, "old.pdf")].map(one).into()
    };
    stage.queue(delete(TransferState::Deleting)).queue(delete(TransferState::Done));
    stage.press("enter esc");
    assert_eq!((stage.remote().len(), asked(&stage), is_whole(&stage)), (2, behind(7), false));
}

#[test]
fn a_reading_that_folders_cut_short_is_made_up_for_when_they_are_off_again() {
    let mut stage = Stage::full();
    stage.press("2");
    upload(&mut stage, 1);
    let first = stage.asked("LoadRecords");
    stage.press("f f");
    answer(&mut stage, first, old());
    assert_eq!(asked(&stage), []);
    stage.wait(2);
    assert_eq!(asked(&stage), [(String::new(), None)]);
}

/// The bucket's first level, of which a page came that is new altogether, before the keys that were there.
fn bucket_catching_up() -> (Stage, RequestId) {
    let mut stage = Stage::in_bucket(&["k", "m"]);
    upload(&mut stage, 1);
    stage.answer_objects(&["a", "b"], Some("on"));
    assert_eq!((stage.remote().len(), stage.app.remote().tail()), (4, &Tail::More));
    let next = stage.asked("ListBucket");
    (stage, next)
}

fn token(stage: &Stage) -> Option<Option<String>> {
    let of = |effect: &Effect| match effect {
        Effect::ListBucket { token, .. } => Some(token.clone()),
        _ => None,
    };
    stage.effects.iter().find_map(of)
}

#[test]
fn the_bucket_is_read_on_after_a_failure_too() {
    let (mut stage, next) = bucket_catching_up();
    let away = Failure::new(FailureKind::Offline, "nobody answers");
    stage.answer(next, Answer::Objects(Err(away.clone())));
    assert_eq!((stage.app.remote().tail(), stage.said().last()), (&Tail::Failed(away), Some(&"nobody answers")));
    upload(&mut stage, 2);
    stage.answer_objects(&["a", "b"], Some("on"));
    assert_eq!(token(&stage), Some(Some("on".into())));
    stage.answer_objects(&["c", "d"], Some("further")).answer_objects(&["e", "k", "m"], None);
    assert_eq!(
        (stage.remote(), stage.app.remote().tail()),
        (["a", "b", "c", "d", "e", "k", "m"].map(String::from).into(), &Tail::End)
    );
}

#[test]
fn a_level_of_the_bucket_that_was_half_read_is_read_again_behind_a_search() {
    let (mut stage, _) = bucket_catching_up();
    stage.press("/ z enter").answer_below(&["a"], None);
    stage.press("esc");
    assert_eq!((token(&stage), stage.app.remote().tail() == &Tail::End), (Some(None), false));
    stage.answer_objects(&["a", "b"], Some("on")).answer_objects(&["c", "k", "m"], None);
    assert_eq!((stage.remote().len(), stage.app.remote().tail()), (5, &Tail::End));
}

#[test]
fn an_esc_and_another_view_do_not_stop_the_bucket() {
    let (mut stage, next) = bucket_catching_up();
    stage.press("esc v v");
    assert_eq!(stage.asked_if("ListBucket"), None, "it is on its way still");
    let entries = ["c", "k", "m"].map(super::stage::listed).into();
    stage.answer(next, Answer::Objects(Ok(crate::domain::ListPage { entries, next: None })));
    assert_eq!((stage.remote().len(), stage.app.remote().tail()), (5, &Tail::End));
}

#[test]
fn what_was_deleted_is_not_estimated_to_be_there_any_more() {
    let mut stage = Stage::new();
    stage.answer_records(&["a", "b", "c"], true);
    stage.answer(stage.asked("Estimate"), Answer::Estimate(Ok(Some(6_316))));
    let delete = |state| [(2, "a"), (3, "b")].map(|(number, key)| transfer(number, TransferKind::Delete, state, key));
    stage.queue(delete(TransferState::Deleting).into()).queue(delete(TransferState::Done).into());
    assert_eq!(stage.app.remote().catalog().estimate(), Some(6_314));
}
