//! Whole folders and prefixes: asked about once, queued while they are found, stopped by Esc.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::stage::{Stage, file, identity, profile};
use crate::app::dialog::PromptFor;
use crate::app::effect::{Countable, RequestId, Walk};
use crate::app::{Answer, Counted, Dialog, Effect, Found, Message};
use crate::config::Profile;
use crate::domain::file::{FileKind, LinkTarget};
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, FileEntry};

fn found(queued: usize) -> Found {
    Found { queued, bytes: queued as u64 * 1024, ..Found::default() }
}

fn progress(stage: &mut Stage, request: RequestId, queued: usize) {
    let now = stage.now();
    stage.send(Message::Walking { request, found: found(queued), queued: Vec::new(), now });
}

/// The folder `sub` is being gone through.
fn walking() -> (Stage, RequestId) {
    let mut stage = Stage::full();
    stage.press("u enter");
    let request = stage.asked("Walk");
    (stage, request)
}

#[test]
fn a_key_that_is_hardly_meant_is_said_to_begin_so_where_it_is_typed() {
    let mut stage = Stage::full();
    let notes = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog.notes(stage.now()),
        Some(Dialog::Prompt(dialog)) => dialog.notes(stage.now()),
        other => panic!("no question: {other:?}"),
    };
    let doubts = |stage: &Stage| notes(stage).iter().any(|note| note.starts_with("the key begins with"));
    stage.press("u").press("ctrl-u").type_text("docs/{name}");
    assert!(!doubts(&stage), "{:?}", notes(&stage));
    stage.press("home").type_text("/");
    assert!(notes(&stage)[1].starts_with("the key has an empty part"), "behind the folder: {:?}", notes(&stage));
    stage.press("ctrl-u").type_text("/{prefix}{name}");
    assert!(doubts(&stage), "{:?}", notes(&stage));
    stage.press("esc j space space u").press("ctrl-u").type_text("/docs/{name}");
    assert!(doubts(&stage), "{:?}", notes(&stage));
    stage.press("esc esc j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("docs//a.txt".into())));
    assert!(notes(&stage)[0].starts_with("the key has an empty part"), "{:?}", notes(&stage));
}

#[test]
fn a_folder_is_asked_about_once_with_what_happens_to_what_exists() {
    let mut stage = Stage::full();
    stage.press("u");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!((dialog.title.as_str(), dialog.form.choice(1)), ("Upload sub/", 0));
    let counting = stage.asked("Count");
    stage.press("ctrl-u").type_text("{name}").press("tab right enter");
    let (request, on_conflict) = (stage.asked("Walk"), OnConflict::Skip);
    let walk = Walk::Upload { paths: vec!["/home/me/sub".into()], prefix: String::new(), template: "{name}".into() };
    let walk = Effect::Walk { request, profile: identity("prod"), walk, on_conflict };
    let looking = RequestId(counting.0 + 1);
    assert_eq!(stage.effects, [Effect::Cancel(counting), Effect::Cancel(looking), walk]);
}

#[test]
fn a_template_that_gives_all_files_one_key_is_refused() {
    let mut stage = Stage::full();
    stage.press("u ctrl-u").type_text("backup.tar").press("enter");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("it stays open") };
    assert!(dialog.form.problem.as_ref().unwrap().contains("put {name} or {uuid} into the template"));
    assert!(dialog.lines()[2].contains("seen as it goes"), "nobody has looked under it: {:?}", dialog.lines());
    assert_eq!(stage.asked_if("Walk"), None);
}

#[test]
fn marked_files_go_with_the_folders_beside_them() {
    let mut stage = Stage::full();
    stage.press("ctrl-a u");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!(dialog.title, "Upload sub/ and 2 files");
    stage.press("enter");
    let Effect::Walk { walk: Walk::Upload { paths, .. }, .. } = &stage.effects[2] else {
        panic!("{:?}", stage.effects)
    };
    let expected: Vec<PathBuf> =
        ["sub", "a.txt", "b.png"].iter().map(|name| PathBuf::from("/home/me").join(name)).collect();
    assert_eq!((paths, stage.app.list().marked()), (&expected, 0));
}

#[test]
fn what_cannot_be_read_is_named_and_left_out() {
    let mut stage = Stage::new();
    let other = |name: &str| FileEntry { kind: FileKind::Other, size: None, ..file(name, 0) };
    let dangling = FileEntry { kind: FileKind::Symlink(LinkTarget::Missing), ..other("b link") };
    let pipes = ["c", "d", "e"].map(other);
    let entries = [other("a pipe"), dangling].into_iter().chain(pipes).chain([file("f.txt", 1), file("g.txt", 1)]);
    stage.answer_folder(entries.collect());
    stage.press("ctrl-a u");
    assert_eq!(stage.said(), ["left out, no files that can be read: a pipe, b link, c and 2 more"]);
    assert!(matches!(stage.app.dialog(), Some(Dialog::Prompt(prompt)) if prompt.title == "Upload 2 files"));
}

#[test]
fn the_end_of_a_walk_counts_what_is_queued_and_names_what_was_refused() {
    let (mut stage, request) = walking();
    progress(&mut stage, request, 500);
    assert_eq!(stage.said(), [""; 0]);
    let why = |names: &[&str]| -> Vec<Failure> {
        names.iter().map(|name| Failure::new(FailureKind::Local, format!("{name} is no regular file"))).collect()
    };
    let (four, three) = (["pipe", "socket", "link", "loop"], ["pipe", "socket", "link"]);
    stage.answer(request, Answer::Walked(Ok(Found { refused: 5, why: why(&four), ..found(1204) })));
    let said = ["pipe is no regular file", "socket is no regular file"];
    let more = "3 more of sub/ were refused: ! names the first";
    assert_eq!(stage.said(), [said.as_slice(), &[more, "sub/: 1,204 queued, 1.2 MiB"]].concat());
    let log = stage.app.notices().log();
    assert!(log.iter().any(|notice| notice.text == "loop is no regular file"), "{log:?}");

    let (mut stage, request) = walking();
    stage.answer(request, Answer::Walked(Ok(Found { refused: 3, why: why(&three), ..found(1) })));
    assert!(stage.said().contains(&"1 more of sub/ was refused: ! has the reasons"), "{:?}", stage.said());
}

#[test]
fn esc_stops_a_walk_and_says_how_many_are_queued() {
    let (mut stage, request) = walking();
    progress(&mut stage, request, 1500);
    stage.press("esc");
    assert_eq!(stage.effects[0], Effect::Cancel(request));
    assert_eq!(stage.said(), ["stopped looking through sub/: 1,500 queued, 1.5 MiB so far, and stays so"]);
    stage.answer(request, Answer::Walked(Ok(found(2000))));
    assert_eq!(stage.said().len(), 1, "its answer is nobody's any more");
    progress(&mut stage, request, 1500);
    assert_eq!(stage.said().len(), 1, "nothing came to it");
    progress(&mut stage, request, 2000);
    assert_eq!(stage.said()[1..], ["sub/: 2,000 queued, 2.0 MiB in the end"]);
}

#[test]
fn quitting_during_a_walk_says_how_far_it_is() {
    let (mut stage, request) = walking();
    progress(&mut stage, request, 1500);
    stage.press("q");
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    let text = dialog.lines.join("\n");
    assert!(text.contains("sub/ is still being looked through: 1,500 queued, 1.5 MiB so far"), "{text}");
}

#[test]
fn a_walk_that_breaks_off_says_how_far_it_came() {
    let (mut stage, request) = walking();
    progress(&mut stage, request, 500);
    let failure = Failure::new(FailureKind::DiskFull, "the disk is full");
    stage.answer(request, Answer::Walked(Err(failure)));
    assert_eq!(stage.said(), ["the disk is full", "sub/: only 500 queued"]);
}

#[test]
fn a_prefix_is_downloaded_with_everything_beneath() {
    let mut stage = Stage::in_bucket(&["docs/", "x"]);
    stage.press("s");
    let counting = stage.asked("Count");
    stage.press("enter");
    let (request, on_conflict) = (stage.asked("Walk"), OnConflict::Refuse);
    let walk = Walk::Download {
        prefixes: vec!["docs/".into()],
        objects: Vec::new(),
        base: String::new(),
        folder: "/home/me".into(),
    };
    let walk = Effect::Walk { request, profile: identity("prod"), walk, on_conflict };
    assert_eq!(stage.effects, [Effect::Cancel(counting), Effect::Cancel(RequestId(counting.0 + 1)), walk]);
}

#[test]
fn objects_marked_with_prefixes_are_looked_at_together_with_them() {
    let mut stage = Stage::in_bucket(&["docs/", "docs"]);
    stage.press("ctrl-a s");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!(dialog.title, "Download docs/ and 1 object");
    assert_eq!(stage.asked_if("PlanDownload"), None);
    stage.press("enter");
    let Effect::Walk { walk: Walk::Download { prefixes, objects, .. }, .. } = &stage.effects[2] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!((prefixes.as_slice(), objects[0].key.as_str()), (&["docs/".to_owned()][..], "docs"));
}

#[test]
fn what_goes_is_counted_while_the_question_stands() {
    let mut stage = Stage::full();
    stage.press("ctrl-a u");
    let amount = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog.lines()[1].clone(),
        other => panic!("no question: {other:?}"),
    };
    let request = stage.asked("Count");
    let what = ["sub", "a.txt", "b.png"].map(|name| PathBuf::from("/home/me").join(name)).to_vec();
    let counting = Effect::Count { request, profile: "prod".into(), what: Countable::Local(what) };
    assert!(stage.effects.contains(&counting), "{:?}", stage.effects);
    assert_eq!(amount(&stage), "sub/ and 2 files: counting what is there…");
    let (now, counted) = (stage.now(), Counted { objects: 500, bytes: 1 << 20, hidden: 3, recorded: 0 });
    stage.send(Message::Counting { request, counted, now });
    assert_eq!(amount(&stage), "sub/ and 2 files: at least 500 files, 1.0 MiB, 3 of them hidden, counting…");
    stage.answer(request, Answer::Counted(Ok(counted)));
    assert_eq!(amount(&stage), "sub/ and 2 files: 500 files, 1.0 MiB, 3 of them hidden");
}

#[test]
fn of_names_that_are_made_anew_it_is_said_that_nobody_looks_for_them() {
    let mut stage = Stage::full();
    stage.press("u");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(dialog.lines()[2], "already there: not looked for, each name is a new one");
}

#[test]
fn what_is_there_already_is_said_with_what_becomes_of_it() {
    let mut stage = Stage::full_under(Profile { key_template: "{prefix}{name}".into(), ..profile("prod") });
    stage.press("u");
    let taken = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog.lines()[2].clone(),
        other => panic!("no question: {other:?}"),
    };
    let asked = stage.effects.iter().find_map(|effect| match effect {
        Effect::Count { request, what: Countable::Taken(Walk::Upload { paths, .. }), .. } => {
            Some((*request, paths.len()))
        }
        _ => None,
    });
    let Some((request, 1)) = asked else { panic!("{:?}", stage.effects) };
    assert_eq!(taken(&stage), "already there: looking…");
    let found = Counted { objects: 3, bytes: 12 << 10, hidden: 0, recorded: 0 };
    stage.answer(request, Answer::Counted(Ok(found)));
    assert_eq!(taken(&stage), "already there: 3 files, 12.0 KiB; you are asked afterwards");
    stage.press("tab right");
    assert_eq!(taken(&stage), "already there: 3 files, 12.0 KiB; they are skipped");
    stage.press("right right");
    assert_eq!(taken(&stage), "already there: 3 files, 12.0 KiB; they are overwritten");
    stage.press("up").type_text("x");
    assert_eq!(taken(&stage), "already there: seen as it goes, under the names that are made now");
    for (answer, said) in [
        (Ok(Counted::default()), "already there: nothing"),
        (Err(Failure::new(FailureKind::Denied, "no right to list")), "already there: not known, no right to list"),
    ] {
        let mut stage = Stage::in_bucket(&["docs/"]);
        stage.press("s");
        let request = RequestId(stage.asked("Count").0 + 1);
        stage.answer(request, Answer::Counted(answer));
        assert_eq!(taken(&stage), said);
    }
}

#[test]
fn objects_beside_a_prefix_count_with_what_is_beneath_it() {
    let mut stage = Stage::in_bucket(&["docs/", "docs"]);
    stage.press("ctrl-a s");
    let request = stage.asked("Count");
    stage.answer(request, Answer::Counted(Ok(Counted { objects: 2, bytes: 10, hidden: 0, recorded: 0 })));
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!(dialog.lines()[..2], ["from prod-bucket (profile prod)", "docs/ and 1 object: 3 files, 15 B"]);
}

#[test]
fn the_folders_question_shows_by_an_example_where_its_files_go() {
    let mut stage = Stage::in_bucket(&["data/"]);
    stage.press("l").answer_objects(&["data/x"], None);
    stage.press("1 u").press("ctrl-u").type_text("foo/{name}");
    let notes = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog.notes(stage.now()),
        other => panic!("no question: {other:?}"),
    };
    let knows = "a template knows {name} {uuid} {date} {millis} {prefix} (data/)";
    assert_eq!(notes(&stage), ["a file sub/name.txt would become data/sub/foo/name.txt", knows]);
    stage.press("ctrl-u").type_text("{nam}");
    assert_eq!(notes(&stage)[0], "key template \"{nam}\": no place is called {nam}");
    stage.press("enter");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("it closed") };
    assert!(dialog.form.problem.as_ref().is_some_and(|problem| problem.contains("no place is called {nam}")));
    stage.press("ctrl-u").type_text("{name}").press("enter").asked("Walk");
    stage.press("u");
    let Some(Dialog::Tree(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(dialog.form.text(0), "{prefix}{name}", "what was typed is offered again");
}

/// A name that is no text.
fn unnamed(byte: u8) -> FileEntry {
    FileEntry { name: OsString::from_vec(vec![b'n', byte, b'.', b't']), ..file("", 1) }
}

#[test]
fn a_name_that_is_no_text_is_never_changed_into_a_key_but_named_and_left_out() {
    let mut stage = Stage::new();
    let others = [unnamed(0xfe), unnamed(0xff), unnamed(0xfd), file("n\u{fffd}.t", 1), file("o.t", 1)];
    stage.answer_folder(others.into()).press("g g j j u");
    assert_eq!(stage.asked_if("MakeKey"), None);
    assert_eq!(stage.said(), ["the name of /home/me/n\\xFD.t is not UTF-8, which a key has to be: rename it"]);
    stage.press("ctrl-a u");
    let Some(Dialog::Prompt(prompt)) = stage.app.dialog() else { panic!("no question") };
    let PromptFor::UploadTemplate { draft, .. } = &prompt.purpose else { panic!("{prompt:?}") };
    let names: Vec<&str> = draft.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["n\u{fffd}.t", "o.t"], "the others go");
    let said = stage.said().join("\n");
    for part in ["n\\xFD.t is not UTF-8", "n\\xFE.t is not UTF-8", "1 more is left out for such a name"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
