//! Searching and sorting the whole table in the database, one question at a time.

use std::time::Duration;

use super::stage::{Stage, record, transfer};
use crate::app::dialog::{Command, Dialog};
use crate::app::{Answer, Effect, Phase, RequestId, Tail};
use crate::domain::{Failure, FailureKind, Narrow, Record, RecordCursor, RecordPage, Sort, SortBy};
use crate::domain::{TransferKind, TransferState};

/// What the database was asked for last: search, order, and whether it begins at the first page.
fn asked(stage: &Stage) -> Vec<(String, Sort, bool)> {
    let of = |effect: &Effect| match effect {
        Effect::LoadRecords { wanted, after, .. } => Some((wanted.search.clone(), wanted.order, after.is_none())),
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

fn searched(text: &str) -> Vec<(String, Sort, bool)> {
    vec![(text.to_owned(), Sort::NEWEST, true)]
}

/// A page of hits, all of them but for `next`.
fn hits(keys: &[(&str, usize)], next: Option<usize>) -> RecordPage {
    let records = keys.iter().map(|(key, number)| record(key, *number)).collect();
    let next = next.map(|number| RecordCursor::behind(&record("", number), Sort::NEWEST));
    RecordPage { records, next, ..RecordPage::default() }
}

fn answer(stage: &mut Stage, request: RequestId, page: RecordPage) {
    stage.answer(request, Answer::Records { page: Ok(page), took: Duration::ZERO });
}

/// Three records, of which a search for `a` is on its way.
fn searching() -> (Stage, RequestId) {
    let mut stage = Stage::full();
    stage.press("2 / a");
    let request = stage.asked("LoadRecords");
    (stage, request)
}

#[test]
fn one_search_is_on_its_way_and_the_newest_text_comes_next() {
    let (mut stage, first) = searching();
    assert_eq!(asked(&stage), searched("a"));
    stage.type_text("bc");
    assert_eq!((asked(&stage), stage.effects.contains(&Effect::Cancel(first))), (vec![], false));
    assert_eq!(stage.remote(), ["new.png", "mid.txt", "old.pdf"], "rows stay until the first hits are there");
    assert!(stage.app.remote().catalog().is_behind());

    answer(&mut stage, first, hits(&[("a", 1)], None));
    assert_eq!((asked(&stage), stage.remote().len()), (searched("abc"), 3));
    let second = stage.asked("LoadRecords");
    answer(&mut stage, second, hits(&[("far/abc", 7), ("ABC", 9)], None));
    assert_eq!((stage.remote(), stage.app.remote().tail()), (vec!["far/abc".into(), "ABC".into()], &Tail::End));
    assert_eq!(asked(&stage), []);
}

#[test]
fn esc_clears_the_search_and_the_list_from_before_is_there_at_once() {
    let (mut stage, first) = searching();
    stage.press("esc");
    assert_eq!((stage.app.needle(), stage.remote().len(), stage.effects.len()), ("", 3, 0), "nothing is given up");
    assert!(!stage.app.remote().is_loading());
    answer(&mut stage, first, hits(&[("a", 7)], None));
    assert_eq!(stage.remote(), ["new.png", "mid.txt", "old.pdf"], "its answer comes to nothing");

    stage.press("j / d enter");
    let second = stage.asked("LoadRecords");
    answer(&mut stage, second, hits(&[("d", 1), ("old.pdf", 2)], None));
    assert_eq!(stage.remote_cursor(), "d");
    stage.press("n").press("space");
    assert_eq!(stage.remote_cursor(), "old.pdf");
    stage.press("esc");
    assert_eq!(
        (stage.remote(), stage.remote_cursor().as_str()),
        (vec!["new.png".into(), "mid.txt".into(), "old.pdf".into()], "old.pdf")
    );
    assert_eq!((stage.app.list().marked(), asked(&stage)), (1, vec![]), "what was marked among the hits still is");
    stage.press("U");
    assert_eq!((stage.app.needle(), asked(&stage)), ("d", searched("d")));
}

#[test]
fn an_empty_page_is_not_the_end_and_looking_goes_on_while_the_pane_is_shown() {
    let (mut stage, first) = searching();
    let unindexed = Some("the server has no pg_trgm");
    answer(&mut stage, first, RecordPage { looked_at: Some(10_000), unindexed, ..hits(&[], Some(10_000)) });
    let catalog = stage.app.remote().catalog();
    assert_eq!((catalog.looked_at(), catalog.unindexed()), (Some(10_000), unindexed));
    assert!(stage.remote().is_empty() && stage.app.remote().is_loading());
    assert_eq!(asked(&stage), [("a".into(), Sort::NEWEST, false)]);
    let second = stage.asked("LoadRecords");
    stage.press("enter v").answer_objects(&["x"], None);
    answer(&mut stage, second, RecordPage { looked_at: Some(200_000), ..hits(&[("a1", 150_000)], Some(210_000)) });
    assert_eq!(asked(&stage), [], "nobody sees it");
    stage.press("v");
    assert_eq!((asked(&stage).len(), stage.app.remote().catalog().looked_at()), (1, Some(210_000)));
    let third = stage.asked("LoadRecords");
    answer(&mut stage, third, hits(&[("a2", 300_000)], None));
    let catalog = stage.app.remote().catalog();
    assert_eq!((catalog.looked_at(), catalog.exact(), stage.remote().len()), (None, Some(3), 2));
}

#[test]
fn looking_goes_on_no_further_than_two_pages() {
    let (mut stage, first) = searching();
    let keys: Vec<String> = (0..200).map(|number| format!("a{number}")).collect();
    let keys: Vec<(&str, usize)> = keys.iter().zip(0..).map(|(key, number)| (key.as_str(), number)).collect();
    answer(&mut stage, first, hits(&keys, Some(199)));
    assert_eq!((asked(&stage), stage.app.remote().tail()), (vec![], &Tail::More));
    stage.press("enter G");
    assert_eq!(asked(&stage).len(), 1);
}

#[test]
fn a_search_that_ran_out_of_time_is_not_asked_again() {
    let (mut stage, first) = searching();
    answer(&mut stage, first, hits(&[("a", 1)], Some(10_000)));
    let second = stage.asked("LoadRecords");
    let failure = Failure::new(FailureKind::Busy, "the table is too large to be searched row by row");
    stage.answer(second, Answer::Records { page: Err(failure.clone()), took: Duration::from_secs(20) });
    assert_eq!(stage.app.remote().tail(), &Tail::Failed(failure.clone()));
    stage.wait(60);
    assert_eq!((asked(&stage), stage.remote().len()), (vec![], 1));

    stage.press("x");
    let third = stage.asked("LoadRecords");
    stage.answer(third, Answer::Records { page: Err(failure.clone()), took: Duration::from_secs(20) });
    assert_eq!(stage.app.remote().catalog().phase(), Phase::Failed(&failure), "rows of another search would mislead");
    stage.press("esc");
    assert_eq!((stage.remote().len(), stage.app.remote().catalog().phase()), (3, Phase::Ready));
}

#[test]
fn a_search_is_read_again_from_its_beginning_and_keeps_its_hits() {
    let (mut stage, first) = searching();
    answer(&mut stage, first, RecordPage { looked_at: Some(9), ..hits(&[("a1", 1)], Some(9)) });
    let second = stage.asked("LoadRecords");
    answer(&mut stage, second, hits(&[("a2", 20), ("a3", 21)], None));
    stage.press("enter R");
    let again = stage.asked("LoadRecords");
    answer(&mut stage, again, RecordPage { looked_at: Some(9), ..hits(&[], Some(9)) });
    assert_eq!(stage.remote(), ["a1", "a2", "a3"], "an empty page says nothing of what is behind");
    let last = stage.asked("LoadRecords");
    answer(&mut stage, last, hits(&[("a3", 21)], None));
    assert_eq!(stage.remote(), ["a3"]);
}

#[test]
fn an_order_is_the_database_s_and_holds_for_a_search() {
    let mut stage = Stage::full();
    stage.press("2 o s");
    let size = |reversed| Sort { by: SortBy::Size, reversed };
    assert_eq!(asked(&stage), [(String::new(), size(false), true)]);
    let first = stage.asked("LoadRecords");
    stage.press("o s");
    assert_eq!((asked(&stage), stage.remote().len()), (vec![], 3));
    answer(&mut stage, first, hits(&[], None));
    assert_eq!(asked(&stage), [(String::new(), size(true), true)]);
    let second = stage.asked("LoadRecords");
    let large = |key: &str, id: i64, size: u64| Record { id, size: Some(size), ..record(key, 0) };
    let records = vec![large("big", 3, 900), large("other", 2, 900), large("small", 1, 1)];
    answer(&mut stage, second, RecordPage { records, ..RecordPage::default() });
    assert_eq!(
        (stage.remote(), stage.app.list().sort()),
        (vec!["big".into(), "other".into(), "small".into()], size(true))
    );

    stage.press("/ o");
    assert_eq!(asked(&stage), [("o".into(), size(true), true)]);
    let third = stage.asked("LoadRecords");
    answer(&mut stage, third, RecordPage { records: vec![large("other", 2, 900)], ..RecordPage::default() });
    stage.press("enter o n");
    assert_eq!(asked(&stage), [("o".into(), Sort::NAME, true)]);
    let fourth = stage.asked("LoadRecords");
    answer(&mut stage, fourth, hits(&[("other", 2)], None));
    stage.press("esc");
    assert_eq!(asked(&stage), [(String::new(), Sort::NAME, true)], "the list from before is in another order");
    assert_eq!(stage.remote(), ["big", "other", "small"]);
}

#[test]
fn an_order_that_cannot_be_had_leaves_the_one_from_before() {
    let mut stage = Stage::full();
    stage.press("2 o t");
    let request = stage.asked("LoadRecords");
    let failure = Failure::new(FailureKind::CatalogRefused, "permission denied");
    stage.answer(request, Answer::Records { page: Err(failure), took: Duration::ZERO });
    assert_eq!((stage.remote().len(), stage.said()), (3, vec!["permission denied"]));
    assert_eq!(stage.app.remote().catalog().query().order, Sort::NEWEST);
}

#[test]
fn what_changed_during_a_search_is_read_once_it_ends() {
    use super::stage::transfer;
    use crate::domain::{TransferKind, TransferState};
    let (mut stage, first) = searching();
    answer(&mut stage, first, hits(&[("a", 1)], None));
    stage.queue(vec![transfer(1, TransferKind::Upload, TransferState::Queued, "up.txt")]);
    stage.queue(vec![transfer(1, TransferKind::Upload, TransferState::Done, "up.txt")]);
    stage.wait(2);
    assert_eq!(asked(&stage), searched("a"));
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("a", 1)], None));
    stage.press("esc").wait(2);
    assert_eq!(asked(&stage), searched(""));
}

#[test]
fn a_type_a_size_and_an_age_are_the_database_s() {
    let mut stage = Stage::full();
    stage.press("2 :").type_text("type image").press("enter");
    let image = Narrow { media_type: Some("image".into()), ..Narrow::default() };
    let request = stage.asked("LoadRecords");
    let of = |effect: &Effect| match effect {
        Effect::LoadRecords { wanted, .. } => Some((wanted.search.clone(), wanted.narrow.clone())),
        _ => None,
    };
    let asked = |stage: &Stage| stage.effects.iter().filter_map(of).collect::<Vec<_>>();
    assert_eq!((asked(&stage), stage.remote().len()), (vec![(String::new(), image.clone())], 3));
    answer(&mut stage, request, hits(&[("far.png", 70)], None));
    assert_eq!((stage.remote(), stage.app.remote().catalog().exact()), (vec!["far.png".into()], Some(1)));
    stage.press("/ f");
    assert_eq!(asked(&stage), [("f".into(), image)]);
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("far.png", 70)], None));
    stage.press("esc");
    assert_eq!((stage.remote().len(), asked(&stage)), (1, vec![]));
    stage.press("esc");
    assert_eq!(asked(&stage), [(String::new(), Narrow::default())]);
}

#[test]
fn a_list_that_was_being_read_again_when_a_search_began_is_read_once_it_ends() {
    let mut stage = Stage::full();
    stage.press("2 R / a");
    let first = stage.asked("LoadRecords");
    answer(&mut stage, first, hits(&[("new.png", 0)], None));
    let second = stage.asked("LoadRecords");
    answer(&mut stage, second, hits(&[("a", 7)], None));
    assert_eq!(stage.app.remote().catalog().exact(), None, "nobody knows how many there are now");
    stage.press("esc").wait(2);
    assert_eq!(asked(&stage), searched(""));
}

/// The keys that are marked.
fn marked(stage: &Stage) -> Vec<String> {
    let keys = stage.remote().into_iter().enumerate();
    keys.filter(|(position, _)| stage.app.list().is_marked(*position)).map(|(_, key)| key).collect()
}

/// Three marked records, of which a search for `t` has found one and another.
fn searching_among_marks(next: Option<usize>) -> Stage {
    let mut stage = Stage::full();
    stage.press("2 space space space /").type_text("t");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("mid.txt", 1), ("other.txt", 5)], next));
    stage
}

#[test]
fn what_is_unmarked_among_the_hits_stays_unmarked_when_the_search_ends() {
    let mut stage = searching_among_marks(Some(5));
    let second = stage.asked("LoadRecords");
    assert_eq!(marked(&stage), ["mid.txt"]);
    stage.press("enter g g space");
    assert_eq!(marked(&stage), [""; 0]);
    answer(&mut stage, second, hits(&[("old.pdf", 7)], None));
    assert_eq!(marked(&stage), ["old.pdf"], "a hit that comes later is marked as it was before the search");
    stage.press("g g j space");
    stage.press("esc");
    assert_eq!(marked(&stage), ["new.png", "old.pdf"]);
}

#[test]
fn marks_outlast_one_search_after_the_other() {
    let mut stage = searching_among_marks(None);
    stage.press("enter g g space space / right").type_text("x");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("textbook", 9)], None));
    assert_eq!(marked(&stage), [""; 0]);
    stage.press("backspace");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("mid.txt", 1), ("other.txt", 5)], None));
    assert_eq!(marked(&stage), ["other.txt"], "what was unmarked is so still");
    stage.press("esc");
    assert_eq!(marked(&stage), ["new.png", "old.pdf"]);
}

#[test]
fn the_mark_of_a_hit_that_was_deleted_does_not_wait_for_another_of_its_name() {
    let mut stage = searching_among_marks(Some(5));
    let second = stage.asked("LoadRecords");
    stage.press("enter G space");
    answer(&mut stage, second, hits(&[("note.txt", 7)], None));
    assert_eq!(marked(&stage), ["mid.txt", "other.txt"]);
    let delete = |state| vec![transfer(1, TransferKind::Delete, state, "other.txt")];
    stage.queue(delete(TransferState::Deleting)).queue(delete(TransferState::Done));
    assert_eq!(stage.remote(), ["mid.txt", "note.txt"]);
    stage.press("/").type_text("x");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("mid.txt", 1), ("other.txt", 8)], None));
    assert_eq!(marked(&stage), ["mid.txt"], "it is another file");
}

#[test]
fn the_mark_of_a_hit_that_is_deleted_while_no_list_shows_it_goes_too() {
    let mut stage = searching_among_marks(None);
    stage.press("enter G space / right").type_text("e");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("text", 9)], None));
    let delete = |state| vec![transfer(1, TransferKind::Delete, state, "other.txt")];
    stage.queue(delete(TransferState::Deleting)).queue(delete(TransferState::Done));
    stage.press("backspace");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("mid.txt", 1), ("other.txt", 8)], None));
    assert_eq!(marked(&stage), ["mid.txt"], "it is another file");
}

#[test]
fn what_was_marked_in_several_searches_is_meant_together_and_the_question_says_how_many_nobody_sees() {
    let mut stage = searching_among_marks(None);
    stage.press("esc esc");
    assert_eq!(stage.app.list().marked(), 0);
    stage.press("/").type_text("t");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("deep/other.txt", 5)], None));
    stage.press("enter g g space / right").type_text("x");
    let request = stage.asked("LoadRecords");
    answer(&mut stage, request, hits(&[("textbook", 9)], None));
    stage.press("enter");
    assert_eq!((marked(&stage).len(), stage.app.list().marked()), (0, 1), "it is counted, though not shown");
    stage.press("g g space D");
    let Some(Dialog::Confirm(question)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(question.title, "Delete 2 objects?");
    let hides = "The search hides 1 of the 2 marked that this is about.";
    assert!(question.lines.iter().any(|line| line == hides), "{:?}", question.lines);
    let Command::Enqueue { jobs, .. } = &question.command else { panic!("{:?}", question.command) };
    let mut jobs: Vec<_> = jobs.iter().map(|job| (job.key.as_str(), job.size)).collect();
    jobs.sort_unstable();
    assert_eq!(jobs, [("deep/other.txt", Some(100)), ("textbook", Some(100))], "sizes are kept with the marks");
    stage.press("esc esc D");
    let Some(Dialog::Confirm(question)) = stage.app.dialog() else { panic!("no question") };
    let shows = "The list shows none of the 2 marked that this is about.";
    assert!(question.lines.iter().any(|line| line == shows), "{:?}", question.lines);
    stage.press("esc esc");
    assert_eq!(stage.app.list().marked(), 0, "Esc takes all marks off");
    stage.press("U");
    assert_eq!(stage.app.list().marked(), 2, "and U brings them back");
}
