//! Folders of the catalog: on and off, from level to level, searched, and remembered.

use std::time::Duration;

use super::stage::{Stage, able, slot};
use crate::action::Action;
use crate::app::{Answer, Dialog, Effect, Tail, View};
use crate::domain::{Capabilities, Failure, FailureKind, Narrow, RecordPage, Sort};

/// What the database was asked for last: the prefix, the search, and where the page begins.
fn asked(stage: &Stage) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::LoadShelf { wanted, after, .. } => {
            Some(format!("level {} {}", wanted.prefix.as_deref().unwrap_or("top"), after.as_deref().unwrap_or("first")))
        }
        Effect::LoadRecords { wanted, .. } => {
            Some(format!("records {} /{}", wanted.prefix.as_deref().unwrap_or("all"), wanted.search))
        }
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

/// Folders are on, at the top.
fn in_folders() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["a.txt", "docs/", "photos/"], None);
    stage
}

/// Somebody has gone into `docs/`.
fn in_docs() -> Stage {
    let mut stage = in_folders();
    stage.press("j enter").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    stage
}

#[test]
fn f_shows_one_level_and_then_every_record_again() {
    let mut stage = Stage::full();
    stage.press("2 f");
    assert_eq!(asked(&stage), ["level top first"]);
    assert_eq!(stage.remote(), ["new.png", "mid.txt", "old.pdf"], "rows stay until the level is there");
    stage.answer_shelf(&["a.txt", "docs/", "photos/"], None);
    assert_eq!(stage.remote(), ["a.txt", "docs/", "photos/"]);
    assert_eq!((stage.app.list().total(), stage.app.list().folders()), (3, 2));
    stage.press("f");
    assert_eq!(asked(&stage), ["records all /"]);
    stage.answer_records(&["new.png", "a.txt"], false);
    assert_eq!((stage.remote(), stage.remote_cursor()), (vec!["new.png".into(), "a.txt".into()], "a.txt".into()));
}

#[test]
fn levels_are_entered_and_left_as_in_the_bucket() {
    let mut stage = in_folders();
    stage.press("j enter");
    assert_eq!((asked(&stage), stage.app.remote().prefix()), (vec!["level docs/ first".to_owned()], "docs/"));
    stage.answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.remote(), ["..", "2026/", "plan.pdf"]);
    stage.press("h").answer_shelf(&["a.txt", "docs/", "photos/"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("", "docs/".into()));
    stage.press("H").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("docs/", "2026/".into()));
    stage.press("L");
    assert_eq!(stage.app.remote().prefix(), "");
    stage.answer_shelf(&["a.txt", "docs/", "photos/"], None);
    stage.press("h");
    assert_eq!(stage.said(), ["there is nothing above"]);
}

#[test]
fn keys_with_odd_slashes_are_levels_like_others() {
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&["/", "a/"], None);
    stage.press("enter").answer_shelf(&["//", "/root.txt"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote()), ("/", vec!["..".into(), "/".into(), "root.txt".into()]));
    stage.press("enter").answer_shelf(&["//deep.txt"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote()), ("//", vec!["..".into(), "deep.txt".into()]));
    stage.press("k enter").answer_shelf(&["//", "/root.txt"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("/", "/".into()));
}

#[test]
fn a_level_is_read_on_and_read_again_in_pages() {
    let keys: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut stage = Stage::full();
    stage.press("2 f").answer_shelf(&keys, Some("199\u{1}"));
    assert_eq!((asked(&stage), stage.app.remote().tail()), (vec!["level top first".to_owned()], &Tail::More));
    stage.press("G");
    assert_eq!(asked(&stage), ["level top 199\u{1}"]);
    stage.answer_shelf(&["zoo/"], None);
    assert_eq!(
        (stage.remote().len(), stage.remote_cursor(), stage.app.remote().tail()),
        (201, "zoo/".into(), &Tail::End)
    );
    stage.press("R").answer_shelf(&keys[1..], Some("199\u{1}"));
    assert_eq!(asked(&stage).last().map(String::as_str), Some("level top first"));
    assert_eq!(stage.remote().len(), 200, "what is gone is gone");
}

#[test]
fn a_search_is_for_what_is_below_and_esc_returns_to_the_level() {
    let mut stage = in_docs();
    stage.press("j space / p");
    assert_eq!(asked(&stage), ["records docs/ /p"]);
    assert_eq!(stage.remote(), ["..", "2026/", "plan.pdf"]);
    stage.answer_records(&["docs/2026/plan.txt", "docs/plan.pdf"], false);
    assert_eq!(stage.remote(), ["2026/plan.txt", "plan.pdf"]);
    stage.press("enter o s");
    assert_eq!(asked(&stage), ["records docs/ /p"], "what was found can be put in any order");
    stage.press("esc");
    assert_eq!((stage.remote(), stage.app.list().marked()), (vec!["..".into(), "2026/".into(), "plan.pdf".into()], 1));
    assert_eq!((stage.app.remote().prefix(), asked(&stage)), ("docs/", vec![]));
}

#[test]
fn what_was_found_is_opened_where_it_lies() {
    let mut stage = in_folders();
    stage.press("/ p").answer_records(&["docs/2026/plan.txt", "docs/plan.pdf"], false);
    stage.press("enter enter");
    assert_eq!((asked(&stage), stage.app.remote().needle()), (vec!["level docs/2026/ first".to_owned()], ""));
    stage.answer_shelf(&["docs/2026/a.txt", "docs/2026/plan.txt"], None);
    assert_eq!(stage.remote_cursor(), "plan.txt");
    stage.press("H").answer_shelf(&["a.txt", "docs/", "photos/"], None);
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("", "docs/".into()), "the folder that it is in");
}

/// Folders are off, and a hit was opened.
fn at_a_hit() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 / p").answer_records(&["docs/2026/plan.txt", "docs/plan.pdf"], false);
    stage.press("enter j enter");
    assert_eq!(asked(&stage), ["level docs/ first"]);
    stage.answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    stage
}

#[test]
fn a_hit_is_looked_at_in_its_folder_and_the_way_back_leads_to_what_was_found() {
    let mut stage = at_a_hit();
    assert_eq!((stage.app.remote().prefix(), stage.remote_cursor()), ("docs/", "plan.pdf".into()));
    assert_eq!(stage.said(), ["its folder; Esc goes back to what was found, f shows every record"]);
    stage.press("k enter").answer_shelf(&["docs/2026/plan.txt"], None);
    stage.press("esc").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.app.remote().prefix(), "docs/", "every place has its way back");
    stage.press("esc");
    assert_eq!((asked(&stage), stage.app.remote().needle()), (vec!["records all /p".to_owned()], "p"));
    assert_eq!(
        (stage.remote(), stage.remote_cursor()),
        (vec!["docs/2026/plan.txt".into(), "docs/plan.pdf".into()], "docs/plan.pdf".into())
    );
    stage.press("esc");
    assert_eq!((stage.remote().len(), stage.app.remote().catalog().folder()), (3, None), "the list from before");
}

#[test]
fn folders_stay_off_for_whoever_only_looked_at_a_hit() {
    let mut stage = at_a_hit();
    assert_eq!(stage.app.memory().buckets.values().map(|place| &place.folder).collect::<Vec<_>>(), [&None]);
    stage.press("f").answer_records(&["new.png"], false);
    assert_eq!((stage.app.remote().catalog().folder(), stage.remote()), (None, vec!["new.png".into()]));
    let why = stage.app.disabled(Action::Back);
    assert_eq!(why.as_deref(), Some("every record is shown; f shows folders"), "there is no way back any more");

    let mut narrowed = at_a_hit();
    narrowed.press(":").type_text("type pdf").press("enter").answer_shelf(&["docs/plan.pdf"], None);
    narrowed.press("H");
    assert_eq!((narrowed.remote().len(), asked(&narrowed)), (0, vec!["records all /p".to_owned()]), "asked anew");
}

#[test]
fn a_table_without_folders_says_so_and_what_was_found_is_there_again() {
    let mut stage = Stage::full();
    stage.press("2 / p").answer_records(&["docs/plan.pdf"], false);
    stage.press("enter enter");
    let failure = Failure::new(FailureKind::NeedsMigration, "folders need an index");
    stage.answer(stage.asked("LoadShelf"), Answer::Shelf { page: Err(failure), took: Duration::ZERO });
    assert_eq!((stage.remote(), stage.app.remote().needle()), (vec!["docs/plan.pdf".to_owned()], "p"));
    assert!(stage.said().last().is_some_and(|said| said.contains("folders need an index")), "{:?}", stage.said());
}

#[test]
fn what_was_found_is_asked_for_where_it_was_narrowed_before_the_table_said_that_it_has_no_folders() {
    let mut stage = Stage::full();
    stage.press("2 / p").answer_records(&["docs/plan.pdf"], false);
    stage.press("enter enter");
    let first = stage.asked("LoadShelf");
    stage.press(":").type_text("type pdf").press("enter");
    let failure = Failure::new(FailureKind::NeedsMigration, "folders need an index");
    let lacks = || Answer::Shelf { page: Err(failure.clone()), took: Duration::ZERO };
    stage.answer(first, lacks());
    stage.answer(stage.asked("LoadShelf"), lacks());
    assert_eq!((stage.app.remote().needle(), asked(&stage)), ("p", vec!["records all /p".to_owned()]));
    stage.answer_records(&["docs/plan.pdf"], false);
    assert_eq!(stage.remote(), ["docs/plan.pdf"]);
}

#[test]
fn how_many_records_there_are_is_not_taken_from_a_folder_that_was_visited() {
    let mut stage = Stage::full();
    stage.press("2 / p").answer_records(&["docs/plan.pdf", "p"], true);
    let next = stage.asked("LoadRecords");
    stage.answer(stage.asked("Estimate"), Answer::Estimate(Ok(Some(12_000))));
    stage.press("enter enter");
    stage.answer(next, Answer::Records { page: Ok(RecordPage::default()), took: Duration::ZERO });
    stage.answer_shelf(&["docs/plan.pdf"], None);
    stage.press("/ l").answer_records(&["docs/plan.pdf"], true);
    let estimate = |stage: &Stage| stage.app.remote().catalog().estimate();
    let of_folder = stage.asked("Estimate");
    stage.answer(of_folder, Answer::Estimate(Ok(Some(37))));
    assert_eq!(estimate(&stage), Some(37));
    stage.press("esc esc");
    assert_eq!((stage.app.remote().needle(), estimate(&stage)), ("p", Some(12_000)));

    let mut stage = at_a_hit();
    stage.press("/ l").answer_records(&["docs/plan.pdf"], true);
    let of_folder = stage.asked("Estimate");
    stage.press("esc esc");
    assert_eq!(stage.app.remote().needle(), "p");
    stage.answer(of_folder, Answer::Estimate(Ok(Some(37))));
    assert_eq!(estimate(&stage), None, "nobody waits for it any more");
}

#[test]
fn the_way_back_to_what_was_found_skips_no_place_however_many_were_left() {
    let mut stage = in_folders();
    for _ in 0..60 {
        stage.press("j enter").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
        stage.press("h").answer_shelf(&["docs/", "photos/"], None);
        stage.press("g g");
        stage.press("k");
    }
    stage.press("f").answer_records(&["p"], false);
    stage.press("/ p").answer_records(&["docs/2026/plan.txt", "docs/plan.pdf"], false);
    stage.press("enter j enter").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    stage.press("k enter").answer_shelf(&["docs/2026/plan.txt"], None);
    assert_eq!(stage.app.remote().prefix(), "docs/2026/");
    stage.press("H").answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    assert_eq!(stage.app.remote().prefix(), "docs/");
    stage.press("H");
    assert_eq!((stage.app.remote().needle(), asked(&stage)), ("p", vec!["records all /p".to_owned()]));
}

#[test]
fn everyone_s_folders_and_those_of_a_type_are_asked_for_in_place() {
    let mut stage = in_docs();
    stage.press("A");
    let of = |stage: &Stage| match stage.effects.iter().find(|effect| matches!(effect, Effect::LoadShelf { .. })) {
        Some(Effect::LoadShelf { wanted, .. }) => wanted.clone(),
        _ => panic!("no level is asked for: {:?}", stage.effects),
    };
    let wanted = of(&stage);
    assert_eq!((wanted.user_id, wanted.prefix.as_deref()), (None, Some("docs/")));
    stage.answer_shelf(&["docs/theirs.txt"], None);
    assert_eq!(stage.remote(), ["..", "theirs.txt"]);
    stage.press(":").type_text("type image").press("enter");
    assert_eq!(of(&stage).narrow, Narrow { media_type: Some("image".into()), ..Narrow::default() });
}

#[test]
fn what_folders_cannot_do_says_why() {
    let mut stage = Stage::full();
    stage.press("2");
    for action in [Action::Up, Action::Back, Action::Forward, Action::Bookmark, Action::GoBookmark] {
        assert_eq!(stage.app.disabled(action).as_deref(), Some("every record is shown; f shows folders"), "{action:?}");
    }
    assert_eq!(stage.app.disabled(Action::SortSize), None);
    let stage = in_folders();
    let why = Some("folders come by name alone; f shows every record, in any order".to_owned());
    assert_eq!((stage.app.disabled(Action::SortSize), stage.app.disabled(Action::SortName)), (why.clone(), why));
    assert_eq!(stage.app.disabled(Action::Open), None);
}

#[test]
fn a_store_without_prefixes_has_no_folders() {
    let mut stage = Stage::described(Capabilities { prefixes: Err("Uploadcare has no folders"), ..able() });
    stage.press("2 f");
    assert_eq!(stage.said(), ["folders: Uploadcare has no folders"]);
    assert_eq!(asked(&stage), Vec::<String>::new());
}

#[test]
fn a_table_without_the_index_says_so_and_shows_every_record() {
    let refused = || Failure::new(FailureKind::NeedsMigration, "no index").hint("run: windlass catalog migrate");
    let answer = || Answer::Shelf { page: Err(refused()), took: Duration::ZERO };
    let mut stage = Stage::full();
    stage.press("2 f");
    let request = stage.asked("LoadShelf");
    stage.answer(request, answer());
    assert_eq!(stage.said(), ["no index; run: windlass catalog migrate"]);
    assert_eq!((stage.remote(), asked(&stage)), (vec!["new.png".into(), "mid.txt".into(), "old.pdf".into()], vec![]));
    assert!(stage.app.dialog().is_none() && stage.app.remote().catalog().folder().is_none());

    let mut stage = Stage::remembering(vec![slot("prod")], in_docs().app.memory());
    let request = stage.asked("LoadShelf");
    stage.answer(request, answer());
    assert_eq!(asked(&stage), ["records all /"], "there is nothing to show yet");
}

#[test]
fn another_failure_is_shown_where_the_level_would_be() {
    let mut stage = in_folders();
    stage.press("j enter");
    let request = stage.asked("LoadShelf");
    let failure = Failure::new(FailureKind::Busy, "the folder takes too long");
    stage.answer(request, Answer::Shelf { page: Err(failure.clone()), took: Duration::from_secs(9) });
    assert_eq!(stage.app.remote().catalog().phase(), crate::app::Phase::Failed(&failure));
    assert_eq!(stage.app.remote().prefix(), "docs/");
    stage.press("R").answer_shelf(&["docs/plan.pdf"], None);
    assert_eq!(stage.remote(), ["..", "plan.pdf"]);
}

#[test]
fn a_folder_is_deleted_whole_only_where_all_of_it_is_shown() {
    let mut stage = in_folders();
    stage.press("j D");
    let why = "others may have files in this folder, too: A shows everyone's, v the bucket";
    assert_eq!(stage.said(), [format!("delete: {why}")]);
    stage.press("k space space D");
    assert!(stage.app.dialog().is_none());
    assert_eq!(stage.said().last(), Some(&why));

    stage.press("esc A").answer_shelf(&["a.txt", "docs/"], None);
    stage.press("g g j D");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Beneath(_))), "{:?}", stage.app.dialog());
}

#[test]
fn letters_and_jumps_lead_to_levels() {
    let mut stage = in_docs();
    stage.press("m d h").answer_shelf(&["docs/"], None);
    stage.press("' d");
    assert_eq!(asked(&stage), ["level docs/ first"]);
    stage.answer_shelf(&["docs/2026/", "docs/plan.pdf"], None);
    stage.press("g p").type_text("docs/2026/plan.txt").press("enter");
    assert_eq!((asked(&stage), stage.app.remote().view()), (vec!["level docs/2026/ first".to_owned()], View::Catalog));
    stage.answer_shelf(&["docs/2026/a.txt", "docs/2026/plan.txt"], None);
    assert_eq!(stage.remote_cursor(), "plan.txt");
    assert!(stage.app.dialog().is_none(), "it is there");
    stage.press("g p").type_text("docs/none/").press("enter").answer_shelf(&[], None);
    let problem = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Prompt(prompt)) => prompt.problem().map(str::to_owned),
        _ => None,
    };
    let said = problem(&stage).expect("nothing is there, and what was typed can be mended");
    assert!(said.starts_with("there is no docs/none/ in the catalog"), "{said}");
    stage.press("esc");
    stage.press("v ' d");
    assert_eq!(stage.app.remote().bucket().prefix(), "docs/", "they are prefixes of the same keys");
}

#[test]
fn folders_are_still_on_at_the_next_start_and_only_where_they_were() {
    let memory = in_docs().app.memory();
    assert_eq!(memory.buckets.values().map(|place| place.folder.as_deref()).collect::<Vec<_>>(), [Some("docs/")]);
    let mut stage = Stage::remembering(vec![slot("prod"), slot("other")], memory);
    assert_eq!(asked(&stage), ["level docs/ first"]);
    stage.answer_shelf(&["docs/plan.pdf"], None);
    assert_eq!(stage.remote(), ["..", "plan.pdf"]);
    stage.press("2 f").answer_records(&["new.png"], false);
    assert_eq!(stage.app.memory().buckets.values().map(|place| &place.folder).collect::<Vec<_>>(), [&None]);
}

#[test]
fn a_finished_upload_has_the_level_read_again() {
    let mut stage = in_docs();
    assert_eq!(stage.app.list().sort(), Sort::NAME);
    stage.press("j j space");
    stage.press("R").answer_shelf(&["docs/2026/", "docs/new.pdf", "docs/plan.pdf"], None);
    assert_eq!(
        (stage.remote(), stage.remote_cursor()),
        (vec!["..".into(), "2026/".into(), "new.pdf".into(), "plan.pdf".into()], "plan.pdf".into(),)
    );
    assert_eq!(stage.app.list().marked(), 1, "marks stay on their rows");
}
