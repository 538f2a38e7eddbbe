//! The pane Remote: the Catalog page by page, the Bucket by prefix, and the profiles.

use std::sync::Arc;
use std::time::Duration;

use super::stage::{Stage, profile, record, slot, slot_of, transfer};
use crate::app::effect::WantedRecords;
use crate::app::{Answer, BucketTrouble, Database, Effect, NoRecords, Phase, Tail, View};
use crate::domain::transfer::{Hold, Lane, Limits, QueueView};
use crate::domain::{Failure, FailureKind, RecordCursor, RecordPage, Sort, TransferKind, TransferState};

fn page(numbers: std::ops::Range<usize>, more: bool) -> RecordPage {
    let records: Vec<_> = numbers.map(|number| record(&format!("key-{number:05}"), number)).collect();
    let next = records.last().filter(|_| more).map(|last| RecordCursor::behind(last, Sort::NEWEST));
    RecordPage { records, next, ..RecordPage::default() }
}

#[test]
fn records_are_shown_with_what_the_database_took() {
    let stage = Stage::full();
    assert_eq!(stage.remote(), ["new.png", "mid.txt", "old.pdf"]);
    assert_eq!(stage.app.remote().database(), &Database::Ok { took: Duration::from_millis(12) });
    assert_eq!((stage.app.remote().tail(), stage.app.remote().catalog().exact()), (&Tail::End, Some(3)));
}

#[test]
fn the_next_page_is_asked_for_as_the_cursor_nears_the_end_and_once() {
    let mut stage = Stage::new();
    stage.answer_page(page(0..200, true));
    stage.press("2 j");
    assert_eq!(stage.asked_if("LoadRecords"), None, "there is plenty below");
    stage.press("ctrl-f ctrl-f ctrl-f ctrl-f ctrl-f ctrl-f");
    let request = stage.asked("LoadRecords");
    let after = RecordCursor::behind(&record("", 199), Sort::NEWEST);
    let wanted = WantedRecords { user_id: Some("user_1".to_owned()), ..WantedRecords::default() };
    let asked = Effect::LoadRecords { request, profile: "prod".into(), wanted, after: Some(after), limit: 200 };
    assert_eq!(stage.effects.iter().filter(|effect| **effect == asked).count(), 1);
    stage.answer_page(page(200..400, false));
    assert_eq!((stage.app.list().len(), stage.app.remote().tail()), (400, &Tail::End));
}

#[test]
fn the_last_row_reads_on_until_the_end_and_another_key_stops_that() {
    let mut stage = Stage::new();
    stage.answer_page(page(0..200, true));
    stage.press("2 G").answer_page(page(200..400, true));
    assert_eq!(stage.app.list().cursor(), 399);
    let request = stage.asked("LoadRecords");
    stage.press("g g");
    let took = Duration::ZERO;
    stage.answer(request, Answer::Records { page: Ok(page(400..600, true)), took });
    assert_eq!((stage.app.list().len(), stage.app.list().cursor(), stage.asked_if("LoadRecords")), (600, 0, None));
}

#[test]
fn esc_stops_reading_and_the_answer_comes_to_nothing() {
    let mut stage = Stage::new();
    let request = stage.asked("LoadRecords");
    stage.press("2 esc");
    assert_eq!(stage.effects[0], Effect::Cancel(request));
    stage.answer(request, Answer::Records { page: Ok(page(0..5, false)), took: Duration::ZERO });
    assert_eq!((stage.app.list().len(), stage.app.remote().tail()), (0, &Tail::Stopped));
    stage.press("R").answer_page(page(0..5, false));
    assert_eq!(stage.app.list().len(), 5);
}

#[test]
fn a_refresh_reads_all_that_was_loaded_and_keeps_the_cursor() {
    let mut stage = Stage::new();
    stage.answer_page(page(0..200, true));
    stage.press("2 G").answer_page(page(200..300, false));
    stage.press("k k k");
    let here = stage.remote_cursor();
    stage.press("R");
    // Two new records at the top, one gone.
    let mut first = page(0..198, true);
    first.records.remove(10);
    first.records.insert(0, crate::domain::Record { id: 2_000_000, ..record("brand-new", 0) });
    stage.answer_page(first);
    assert_eq!((stage.app.list().len(), stage.remote_cursor()), (300, here.clone()));
    let request = stage.asked("LoadRecords");
    assert!(matches!(&stage.effects[0], Effect::LoadRecords { after: Some(_), .. }), "{:?}", stage.effects);
    stage.answer(request, Answer::Records { page: Ok(page(198..299, false)), took: Duration::ZERO });
    assert_eq!((stage.app.list().len(), stage.remote_cursor(), stage.remote()[0].as_str()), (299, here, "brand-new"));
}

#[test]
fn records_of_everyone_come_with_an_estimate() {
    let mut stage = Stage::full();
    stage.press("2 A");
    let (records, estimate) = (stage.asked("LoadRecords"), stage.asked("Estimate"));
    assert!(stage.effects.contains(&Effect::Estimate {
        request: estimate,
        profile: "prod".into(),
        wanted: WantedRecords::default()
    }));
    assert_eq!(stage.app.remote().user(), None);
    stage.answer(estimate, Answer::Estimate(Ok(Some(12_400))));
    stage.answer(records, Answer::Records { page: Ok(page(0..200, true)), took: Duration::ZERO });
    assert_eq!((stage.app.remote().catalog().estimate(), stage.app.remote().catalog().exact()), (Some(12_400), None));
}

#[test]
fn the_bucket_is_listed_when_it_is_first_shown_and_prefixes_are_entered() {
    let mut stage = Stage::in_bucket(&["docs/", "readme.md", "zoo/"]);
    assert_eq!(stage.app.remote().view(), View::Bucket);
    assert_eq!(stage.remote(), ["docs/", "readme.md", "zoo/"]);
    stage.press("l");
    let request = stage.asked("ListBucket");
    let asked = Effect::ListBucket { request, profile: "prod".into(), prefix: "docs/".into(), token: None };
    assert_eq!(stage.effects, [asked]);
    assert_eq!(stage.app.remote().bucket().phase(), Phase::Loading);
    assert_eq!(stage.remote(), [".."]);
    stage.answer_objects(&["docs/a.md", "docs/b/"], None);
    assert_eq!(stage.remote(), ["..", "a.md", "b/"], "the bucket's own order");
    stage.press("h").answer_objects(&["docs/", "readme.md", "zoo/"], None);
    assert_eq!(stage.remote_cursor(), "docs/");
}

#[test]
fn a_prefix_that_is_named_like_the_way_up_is_entered_like_any_other() {
    let mut stage = Stage::in_bucket(&["../", "a/"]);
    stage.press("l");
    let request = stage.asked("ListBucket");
    let asked = Effect::ListBucket { request, profile: "prod".into(), prefix: "../".into(), token: None };
    assert_eq!(stage.effects, [asked]);
    stage.answer_objects(&["../../", "../y"], None);
    assert_eq!(stage.remote(), ["..", "../", "y"]);
    stage.press("l");
    assert_eq!(stage.app.remote().bucket().prefix(), "../../");
    stage.answer_objects(&["../../z"], None);
    stage.press("h").answer_objects(&["../../", "../y"], None);
    assert_eq!((stage.app.remote().bucket().prefix(), stage.remote_cursor().as_str()), ("../", "../"));
}

#[test]
fn leaving_a_prefix_while_it_is_listed_cancels_the_listing() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l");
    let first = stage.asked("ListBucket");
    stage.press("h");
    assert_eq!(stage.effects[0], Effect::Cancel(first));
    let late = crate::domain::ListPage { entries: Vec::new(), next: Some("more".into()) };
    stage.answer(first, Answer::Objects(Ok(late)));
    assert_eq!(stage.app.remote().bucket().phase(), Phase::Loading, "the late answer was dropped");
}

#[test]
fn a_bucket_of_many_pages_shows_the_first_and_reads_on_by_need() {
    let mut stage = Stage::full();
    stage.press("2 v");
    let keys: Vec<String> = (0..1000).map(|number| format!("k{number:06}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    stage.answer_objects(&keys, Some("token"));
    assert_eq!((stage.app.list().len(), stage.asked_if("ListBucket")), (1000, None));
    stage.press("G");
    assert!(matches!(&stage.effects[0], Effect::ListBucket { token: Some(token), .. } if token == "token"));
    stage.answer_objects(&["z"], None);
    assert_eq!((stage.app.list().len(), stage.remote_cursor().as_str()), (1001, "z"));
}

#[test]
fn a_switch_of_profile_reads_anew_and_drops_what_was_on_its_way() {
    let mut stage = Stage::new();
    let old = stage.asked("LoadRecords");
    stage.press("P j").press("enter");
    assert_eq!(stage.app.remote().slot().name, "other");
    assert!(stage.effects.contains(&Effect::Cancel(old)));
    assert!(matches!(&stage.effects[1], Effect::LoadRecords { profile, .. } if profile == "other"));
    let request = stage.asked("Describe");
    assert!(stage.effects.contains(&Effect::Describe { request, profile: "other".into() }));
    stage.answer(old, Answer::Records { page: Ok(page(0..5, false)), took: Duration::ZERO });
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Loading);
}

#[test]
fn a_broken_profile_says_why_and_is_not_put_in_force() {
    let mut broken = slot("other");
    broken.profile = Err(Failure::new(FailureKind::Usage, "R2_ACCOUNT_ID is not set"));
    let mut stage = Stage::with(vec![slot("prod"), broken]);
    stage.press("P j").press("enter");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(stage.app.profiles.clone())));
    assert_eq!((stage.app.remote().slot().name.as_str(), stage.said()[0]), ("prod", "R2_ACCOUNT_ID is not set"));
    stage.press("P j").press("enter");
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
    assert_eq!(stage.app.remote().slot().name, "other", "it was mended in the file");
}

#[test]
fn a_start_with_a_broken_profile_shows_its_reason_in_the_pane() {
    let mut broken = slot("prod");
    let failure = Failure::new(FailureKind::Usage, "R2_ACCOUNT_ID is not set");
    broken.profile = Err(failure.clone());
    let stage = Stage::with(vec![broken]);
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Failed(&failure));
    assert_eq!(stage.asked_if("LoadRecords"), None);
}

#[test]
fn a_next_page_that_fails_is_shown_behind_the_last_row_and_moving_does_not_ask_again() {
    let mut stage = Stage::new();
    stage.answer_page(page(0..200, true));
    stage.press("2 G");
    let request = stage.asked("LoadRecords");
    let failure = Failure::new(FailureKind::CatalogAway, "the database at host is asleep");
    stage.answer(request, Answer::Records { page: Err(failure.clone()), took: Duration::ZERO });
    assert_eq!((stage.app.remote().tail(), stage.asked_if("LoadRecords")), (&Tail::Failed(failure), None));
    stage.press("k");
    assert_eq!(stage.asked_if("LoadRecords"), None);
    stage.press("R").answer_page(page(0..200, true));
    assert_eq!(stage.app.remote().tail(), &Tail::More);
}

#[test]
fn a_bucket_that_refuses_is_known_until_it_answers() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    assert_eq!(stage.app.bucket_trouble(), None);
    let refused = Failure::new(FailureKind::Credentials, "the secret access key is wrong");
    stage.press("R");
    stage.answer(stage.asked("ListBucket"), Answer::Objects(Err(refused)));
    assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Refused));
    stage.press("R").answer_objects(&["a.txt"], None);
    assert_eq!(stage.app.bucket_trouble(), None);
}

#[test]
fn a_bucket_that_is_away_is_known_from_whatever_was_asked_of_it_until_a_transfer_gets_through() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    let offline = || Failure::new(FailureKind::Offline, "nobody answers");
    let ended = |state| vec![transfer(1, TransferKind::Download, state, "a.txt")];
    stage.queue(ended(TransferState::Receiving)).press("R");
    stage.answer(stage.asked("ListBucket"), Answer::Objects(Err(offline())));
    assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Away));
    stage.queue(ended(TransferState::Done));
    assert_eq!(stage.app.bucket_trouble(), None);
    let missing = Failure::new(FailureKind::NoBucket, "there is no bucket");
    stage.press("R");
    stage.answer(stage.asked("ListBucket"), Answer::Objects(Err(missing)));
    assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Missing));
    stage.press("P j enter");
    assert_eq!(stage.app.bucket_trouble(), None, "that is another bucket");
}

fn lane_held_for(kind: FailureKind) -> Lane {
    let hold = Hold { failure: Failure::new(kind, "no"), next_try_in: None, waiting: 1 };
    let limits = Limits { jobs: 8, rate: 0 };
    Lane { profile: Arc::new(profile("prod").identity()), limits, hold: Some(hold), records: None }
}

#[test]
fn a_bucket_that_answers_is_there_though_its_transfers_wait_to_be_tried_again() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    let held = |kind| QueueView {
        transfers: vec![transfer(1, TransferKind::Upload, TransferState::Queued, "b.txt")],
        lanes: vec![lane_held_for(kind)],
        ..QueueView::default()
    };
    stage.snapshot(held(FailureKind::Credentials));
    assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Refused), "the list was read before");
    stage.press("R").answer_objects(&["a.txt"], None);
    assert_eq!(stage.app.bucket_trouble(), None);
    stage.snapshot(held(FailureKind::Credentials));
    assert_eq!(stage.app.bucket_trouble(), None, "the hold is as old as before");
    stage.snapshot(held(FailureKind::Offline));
    assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Away), "this one is newer");
}

#[test]
fn a_question_that_never_reached_the_bucket_says_nothing_of_it() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    let fails = |stage: &mut Stage, kind| {
        stage.press("R");
        let request = stage.asked("ListBucket");
        stage.answer(request, Answer::Objects(Err(Failure::new(kind, "no"))));
    };
    fails(&mut stage, FailureKind::Offline);
    for kind in [FailureKind::Usage, FailureKind::Local] {
        fails(&mut stage, kind);
        assert_eq!(stage.app.bucket_trouble(), Some(BucketTrouble::Away), "{kind:?}");
    }
    fails(&mut stage, FailureKind::Busy);
    assert_eq!(stage.app.bucket_trouble(), None, "that was its answer");
}

#[test]
fn a_list_that_could_not_be_read_is_of_no_time() {
    let mut stage = Stage::in_bucket(&[]);
    assert_eq!(stage.app.remote().read_at(), Some(stage.now()));
    stage.press("R");
    let request = stage.asked("ListBucket");
    stage.answer(request, Answer::Objects(Err(Failure::new(FailureKind::Offline, "nobody answers"))));
    assert_eq!(stage.app.remote().read_at(), None);
}

#[test]
fn an_empty_catalog_knows_why_it_is_empty() {
    let mut stage = Stage::new();
    stage.answer_records(&[], false);
    assert_eq!(stage.app.no_records(), NoRecords::NoneYet);
    let failure = |kind| Failure::new(kind, "no");
    for (kind, why) in [(FailureKind::Offline, NoRecords::Unreachable), (FailureKind::Credentials, NoRecords::Refused)]
    {
        let mut stage = Stage::new();
        stage.answer_records(&[], false).press("2 v");
        let request = stage.asked("ListBucket");
        stage.answer(request, Answer::Objects(Err(failure(kind)))).press("v");
        assert_eq!(stage.app.no_records(), why);
    }
    let mut read_only = profile("prod");
    read_only.read_only = true;
    let mut stage = Stage::with(vec![slot_of(read_only)]);
    stage.answer_records(&[], false);
    assert_eq!(stage.app.no_records(), NoRecords::ReadOnly);
}
