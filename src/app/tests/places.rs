//! Places: jumps, pastes, the folder of a transfer, and what is remembered from one time to the next.

use crossterm::event::Event;

use super::stage::{Stage, file, folder, profile, slot, slot_of, transfer};
use crate::app::dialog::Prompt;
use crate::app::effect::{FoundPath, PathKind, Walk};
use crate::app::{Answer, Dialog, Effect, Pane, View};
use crate::config::Profile;
use crate::config::memory::Memory;
use crate::domain::transfer::TransferView;
use crate::domain::{ListPage, Listed, TransferKind, TransferState};

const FILE: PathKind = PathKind::File { size: 7 };

/// Answers the question for paths with what is at each.
fn answer_paths(stage: &mut Stage, kinds: &[PathKind]) {
    let request = stage.asked("LookAtPaths");
    let Some(Effect::LookAtPaths { paths, .. }) =
        stage.effects.iter().find(|effect| super::stage::request_of(effect) == Some(request))
    else {
        panic!("no paths were asked for");
    };
    assert_eq!(paths.len(), kinds.len(), "{paths:?}");
    let found = paths.iter().zip(kinds).map(|(path, kind)| FoundPath { path: path.clone(), kind: *kind }).collect();
    stage.answer(request, Answer::Paths(found));
}

fn jump(stage: &mut Stage, to: &str) {
    stage.press("g p").press("ctrl-u").type_text(to).press("enter");
}

fn prompt(stage: &Stage) -> &Prompt {
    match stage.app.dialog() {
        Some(Dialog::Prompt(prompt)) => prompt,
        other => panic!("no prompt: {other:?}"),
    }
}

fn paste(stage: &mut Stage, text: &str) {
    stage.event(Event::Paste(text.into()));
}

#[test]
fn a_jump_goes_to_a_folder_and_puts_the_cursor_on_a_file() {
    let mut stage = Stage::full();
    jump(&mut stage, "~/sub/../sub");
    answer_paths(&mut stage, &[PathKind::Folder]);
    stage.answer_folder(vec![file("x.txt", 1), file("y.txt", 1)]);
    assert_eq!(stage.app.browser().folder(), std::path::Path::new("/home/me/sub"));
    jump(&mut stage, "y.txt");
    answer_paths(&mut stage, &[FILE]);
    stage.answer_folder(vec![file("x.txt", 1), file("y.txt", 1)]);
    assert_eq!(stage.local_cursor(), "y.txt");
    jump(&mut stage, "nowhere");
    answer_paths(&mut stage, &[PathKind::Missing]);
    assert_eq!(prompt(&stage).problem(), Some("there is no /home/me/sub/nowhere: look at its spelling"));
    assert_eq!(prompt(&stage).input.value(), "nowhere", "what was typed stays to be mended");
    stage.press("esc H");
    stage.answer_folder(vec![folder("sub")]);
    assert_eq!(stage.app.browser().folder(), std::path::Path::new("/home/me"), "a jump can be gone back from");
}

#[test]
fn a_jump_in_the_bucket_goes_to_a_prefix_or_a_key() {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    jump(&mut stage, "docs/2026/");
    assert_eq!(stage.app.remote().bucket().prefix(), "docs/2026/");
    stage.answer_objects(&["docs/2026/x", "docs/2026/y"], None);
    jump(&mut stage, "/docs/2026/y");
    stage.answer_objects(&["docs/2026/x", "docs/2026/y"], None);
    assert_eq!(stage.remote_cursor(), "y");
    jump(&mut stage, "docs");
    stage.answer_objects(&["a.txt", "docs/"], None);
    assert_eq!((stage.app.remote().bucket().prefix(), stage.remote_cursor().as_str()), ("", "docs/"));
}

/// A delete that failed: it has no file.
fn deleted(key: &str) -> TransferView {
    let mut delete = transfer(1, TransferKind::Delete, TransferState::Failed, key);
    std::sync::Arc::make_mut(&mut delete.transfer).path = None;
    delete
}

#[test]
fn a_jump_from_the_catalog_shows_the_bucket_and_says_so() {
    let mut stage = Stage::full();
    stage.press("2");
    jump(&mut stage, "s3://prod-bucket/docs/x");
    assert_eq!((stage.app.remote().view(), stage.app.remote().bucket().prefix()), (View::Bucket, "docs/"));
    let told = "this is the Bucket, where prefixes are; v shows the Catalog again";
    assert_eq!(stage.said(), [told]);
    stage.answer_objects(&["docs/x"], None);
    assert!(stage.app.dialog().is_none());
    stage.wait(20);
    jump(&mut stage, "docs/x");
    assert_eq!(stage.said(), [""; 0], "whoever is there already knows");
    stage.press("esc v").queue(vec![deleted("docs/y")]).press("3 g f");
    assert_eq!((stage.app.remote().view(), stage.said()), (View::Bucket, vec![told]), "a transfer leads there too");
    stage.answer_objects(&["docs/x"], None).press("esc");
    assert!(stage.asked_if("ListBucket").is_some(), "it takes no press of Esc");
}

#[test]
fn a_transfer_leads_to_its_file_or_to_its_prefix() {
    let mut stage = Stage::full();
    let mut upload = transfer(1, TransferKind::Upload, TransferState::Done, "docs/a.txt");
    std::sync::Arc::make_mut(&mut upload.transfer).path = Some(std::path::Path::new("/data/a.txt").into());
    stage.queue(vec![upload]).press("3 g f");
    assert_eq!(stage.app.focus(), Pane::Local);
    stage.answer_folder(vec![file("a.txt", 1), file("b.txt", 1)]);
    assert_eq!((stage.app.browser().folder(), stage.local_cursor()), (std::path::Path::new("/data"), "a.txt".into()));
}

#[test]
fn a_pasted_path_leads_there_and_several_are_offered_for_upload() {
    let mut stage = Stage::full();
    paste(&mut stage, "/data/it.txt\n");
    answer_paths(&mut stage, &[FILE, FILE]);
    stage.answer_folder(vec![file("it.txt", 1)]);
    assert_eq!(stage.local_cursor(), "it.txt");
    paste(&mut stage, r"'/data/one two' /data/three");
    answer_paths(&mut stage, &[PathKind::Missing, FILE, PathKind::Folder]);
    assert!(matches!(stage.app.dialog(), Some(Dialog::Tree(_))), "{:?}", stage.said());
    stage.press("esc");
    paste(&mut stage, "some words\nand more");
    answer_paths(&mut stage, &[PathKind::Missing; 6]);
    assert!(stage.said().iter().any(|said| said.contains("no path of this machine")), "{:?}", stage.said());
}

#[test]
fn what_is_not_there_of_a_paste_is_named_and_left_out() {
    use PathKind::{Folder, Missing};
    let mut stage = Stage::full();
    paste(&mut stage, "/a/one '/b/sub' /c/gone");
    answer_paths(&mut stage, &[Missing, FILE, Folder, Missing]);
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no question: {:?}", stage.said()) };
    assert_eq!(dialog.title, "Upload sub/ and 1 file");
    assert!(dialog.notes(stage.now())[0].starts_with("a file sub/name.txt would become sub/"), "{dialog:?}");
    assert_eq!(stage.said(), ["left out, not there: /c/gone"]);
    stage.press("enter");
    let walk = stage.effects.iter().find_map(|effect| match effect {
        Effect::Walk { walk: Walk::Upload { paths, .. }, .. } => Some(paths.clone()),
        _ => None,
    });
    assert_eq!(walk.unwrap(), ["/b/sub", "/a/one"].map(std::path::PathBuf::from));
    stage.wait(20);
    paste(&mut stage, "/a/1\n/a/2\n/a/3\n/a/4\n/a/5");
    answer_paths(&mut stage, &[Missing; 10]);
    assert!(stage.app.dialog().is_none());
    assert_eq!(stage.said().last(), Some(&"nothing was done, not there: /a/1, /a/2, /a/3 and 2 more"));
    stage.wait(20);
    paste(&mut stage, "'/a/one' /gone");
    answer_paths(&mut stage, &[Missing, FILE, Missing]);
    assert!(stage.asked_if("MakeKey").is_some(), "several were meant to be uploaded: {:?}", stage.effects);
}

#[test]
fn what_was_pasted_never_becomes_one() {
    let mut stage = Stage::full();
    paste(&mut stage, "/a/sub /b/sub /a/sub /c/x");
    answer_paths(&mut stage, &[PathKind::Missing, PathKind::Folder, PathKind::Folder, PathKind::Folder, FILE]);
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no question: {:?}", stage.said()) };
    assert_eq!(dialog.title, "Upload sub/ and 1 file");
    assert_eq!(stage.said(), ["left out, another of that name goes up: /b/sub"]);
    let mut stage = Stage::full();
    paste(&mut stage, "/a/x /b/x /a/x");
    answer_paths(&mut stage, &[PathKind::Missing, FILE, FILE, FILE]);
    let Some(Dialog::Prompt(prompt)) = stage.app.dialog() else { panic!("no question: {:?}", stage.said()) };
    assert_eq!(prompt.title, "Upload 2 files", "their keys are told apart when they are made");
}

#[test]
fn pasted_paths_are_not_uploaded_where_nothing_is_written_and_it_is_said_why() {
    let mut stage = Stage::with(vec![slot_of(Profile { read_only: true, ..profile("prod") })]);
    paste(&mut stage, "/data/one\n/data/two");
    answer_paths(&mut stage, &[FILE; 4]);
    let why = "upload: prod is read-only; P, then e on it, opens where it says read_only = true";
    assert_eq!((stage.said().last(), stage.app.dialog().is_none()), (Some(&why), true));
}

#[test]
fn a_key_that_is_pasted_in_the_bucket_leads_there() {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    stage.effects.clear();
    paste(&mut stage, "docs/");
    assert_eq!(
        (stage.app.remote().bucket().prefix(), stage.asked_if("ListBucket")),
        ("", None),
        "nothing leaves unasked"
    );
    stage.press("enter");
    assert_eq!(stage.app.remote().bucket().prefix(), "docs/");
}

#[test]
fn a_path_that_is_found_when_somebody_has_gone_on_leads_nowhere() {
    let mut stage = Stage::full();
    stage.press("2");
    paste(&mut stage, "/data/it.txt");
    let request = stage.asked("LookAtPaths");
    stage.press("/").type_text("ab");
    let found = |kind| FoundPath { path: "/data/it.txt".into(), kind };
    stage.answer(request, Answer::Paths(vec![found(FILE), found(FILE)]));
    assert_eq!((stage.app.focus(), stage.app.needle()), (Pane::Remote, "ab"));
    assert!(stage.said().iter().any(|said| said.contains("too late")), "{:?}", stage.said());
}

#[test]
fn a_transfer_leads_to_its_key_as_it_is() {
    let mut stage = Stage::full();
    stage.queue(vec![deleted("/srv/a.txt")]).press("3 g f");
    assert_eq!(stage.app.remote().bucket().prefix(), "/srv/");
}

#[test]
fn only_what_this_run_has_changed_is_remembered() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("m d 1 m h");
    let memory = stage.app.memory();
    let mut stage = Stage::remembering(vec![slot("prod"), slot("other")], memory.clone());
    stage.answer_objects(&["docs/"], None);
    assert_eq!(stage.app.memory(), Memory::default(), "another Windlass may have set these letters anew");
    stage.press("1 m n");
    let newer = stage.app.memory();
    assert_eq!((newer.folders.keys().map(String::as_str).collect::<Vec<_>>(), newer.buckets.len()), (vec!["n"], 0));
    stage.press("2 enter");
    assert_eq!(stage.app.memory().buckets.len(), 1, "this run stands elsewhere");
}

#[test]
fn places_and_letters_come_back_at_the_next_start() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("m d 1 m h");
    let Some(Effect::Remember(memory)) = stage.effects.iter().rfind(|effect| matches!(effect, Effect::Remember(_)))
    else {
        panic!("nothing is written down: {:?}", stage.effects);
    };
    assert_eq!(memory.folders["h"], "/home/me");
    stage.press("2 enter");
    let memory = stage.app.memory();

    let mut stage = Stage::remembering(vec![slot("prod"), slot("other")], memory);
    assert_eq!((stage.app.remote().view(), stage.app.remote().bucket().prefix()), (View::Bucket, "docs/"));
    stage.answer_objects(&["docs/x"], None);
    stage.press("2 ' d");
    assert_eq!(stage.app.remote().bucket().prefix(), "");
    stage.press("1 l ' h");
    assert!(stage.asked_if("ListFolder").is_some());
}

#[test]
fn nothing_remembered_is_nothing_special() {
    let stage = Stage::remembering(vec![slot("prod")], Memory::default());
    assert_eq!(stage.app.remote().view(), View::Catalog);
}

#[test]
fn what_is_typed_in_the_bucket_counts_from_its_top() {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    jump(&mut stage, "docs/");
    stage.answer_objects(&["docs/x", "docs/deep/"], None);
    assert!(stage.app.dialog().is_none(), "it is there");
    stage.press("g p");
    assert_eq!(prompt(&stage).input.value(), "");
    assert_eq!(prompt(&stage).lines[1], "asked in docs/");
    stage.press("enter");
    assert!(prompt(&stage).problem().is_some_and(|why| why.contains("/ is the bucket's top")));
    stage.type_text("/docs/deep/").press("enter");
    assert_eq!(stage.app.remote().bucket().prefix(), "docs/deep/");
}

#[test]
fn what_is_not_in_the_bucket_is_said_where_it_was_typed() {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    jump(&mut stage, "docs/z");
    stage.answer_objects(&["docs/x"], None);
    let why = "there is no docs/z in prod-bucket: look at its spelling";
    assert_eq!((prompt(&stage).problem(), prompt(&stage).input.value()), (Some(why), "docs/z"));
    stage.press("ctrl-u").type_text("nowhere/").press("enter");
    stage.answer_objects(&[], None);
    let why = "there is no nowhere/ in prod-bucket: Esc goes back; Enter stays, and your next upload makes it";
    assert_eq!(prompt(&stage).problem(), Some(why));
    stage.press("enter");
    assert_eq!((stage.app.remote().prefix(), stage.app.dialog().is_none()), ("nowhere/", true), "as it says");
    jump(&mut stage, "elsewhere/");
    stage.answer_objects(&[], None).press("esc");
    assert_eq!((stage.app.remote().prefix(), stage.app.dialog().is_none()), ("nowhere/", true), "where it was before");
    jump(&mut stage, "docs/z");
    let request = stage.asked("ListBucket");
    stage.press("esc").answer(request, Answer::Objects(Ok(ListPage::default())));
    assert!(stage.said().iter().any(|said| said.starts_with("there is no docs/z")), "{:?}", stage.said());
}

#[test]
fn a_prefix_that_is_not_there_is_told_without_the_question_s_keys_once_that_is_closed() {
    let mut stage = Stage::in_bucket(&["a.txt"]);
    jump(&mut stage, "nowhere/");
    let request = stage.asked("ListBucket");
    stage.press("esc").answer(request, Answer::Objects(Ok(ListPage::default())));
    assert_eq!(stage.said(), ["there is no nowhere/ in prod-bucket: your next upload makes it; H goes back"]);
}

#[test]
fn what_a_narrowed_list_does_not_show_is_not_said_to_be_misspelt() {
    let mut stage = Stage::in_bucket(&["a.txt", "b.png"]);
    stage.press(":").type_text("type image").press("enter");
    jump(&mut stage, "a.txt");
    stage.answer_objects(&["a.txt", "b.png"], None);
    assert!(prompt(&stage).problem().is_some_and(|why| why.ends_with("are shown, and Fx shows all")));
}

#[test]
fn tab_completes_where_a_jump_goes() {
    let mut stage = Stage::full();
    stage.press("g p").type_text("su").press("tab");
    assert_eq!(prompt(&stage).input.value(), "sub/");
    stage.press("ctrl-u").type_text("/v").press("tab");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Ok(vec![folder("usr"), folder("var"), folder("vault")])));
    assert_eq!(prompt(&stage).input.value(), "/va");
    assert_eq!(prompt(&stage).note(), Some("goes on as /var/  /vault/"));
    assert_eq!(prompt(&stage).problem(), None);
    stage.type_text("r").press("tab");
    assert_eq!((prompt(&stage).input.value(), prompt(&stage).problem()), ("/var/", None));

    let mut stage = Stage::in_bucket(&["docs/", "dust/"]);
    stage.press("g p").type_text("do").press("tab");
    assert_eq!(prompt(&stage).input.value(), "docs/");
    stage.press("ctrl-u").type_text("nope").press("tab");
    assert_eq!(prompt(&stage).problem(), Some("nothing that is known here begins so"));
    stage.press("ctrl-u").type_text("docs/2026/").press("tab");
    assert_eq!((prompt(&stage).problem(), prompt(&stage).input.value()), (None, "docs/2026/"));
    assert!(prompt(&stage).note().is_some_and(|note| note.starts_with("not read yet: Enter looks in ")));
    stage.press("enter");
    assert_eq!(stage.app.remote().prefix(), "docs/2026/");
}

#[test]
fn what_is_not_there_is_not_said_to_be_unread_too() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("g p").type_text("docs/2026/").press("tab enter");
    stage.answer_objects(&[], None);
    let Some(Dialog::Prompt(prompt)) = stage.app.dialog() else { panic!("it stays open") };
    assert_eq!(prompt.notes(stage.now()), [""; 0]);
}

#[test]
fn letters_of_the_two_panes_are_told_apart() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("1 m p");
    assert_eq!(stage.said(), ["'p comes back here, in Local"]);
    stage.press("2 ' p");
    let told = "Remote remembers nothing under p: mp does that; Local has its own letters";
    assert_eq!(stage.said().last().copied(), Some(told));
}

#[test]
fn whoever_types_on_is_not_cut_short_by_the_answer_to_the_jump_before() {
    let mut stage = Stage::in_bucket(&["a.txt", "docs/"]);
    jump(&mut stage, "docs/");
    let request = stage.asked("ListBucket");
    stage.type_text("Daily/");
    let page = ListPage { entries: vec![Listed::Prefix("docs/deep/".into())], next: None };
    stage.answer(request, Answer::Objects(Ok(page)));
    assert_eq!((prompt(&stage).input.value(), prompt(&stage).problem()), ("docs/Daily/", None));
}
