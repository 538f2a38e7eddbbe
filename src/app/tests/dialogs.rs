//! What is asked before something is done: uploads, downloads, conflicts, help, quitting.

use std::path::PathBuf;

use crossterm::event::Event;

use super::stage::{Stage, able, file, folder, identity, profile, slot_of, transfer};
use crate::app::dialog::{Choice, ConflictDialog, Prompt};
use crate::app::effect::{Job, Naming, PlannedJob, SaveTo, SourceFile, Taken};
use crate::app::{Answer, Dialog, Effect, PaletteRow, Plan};
use crate::domain::transfer::OnConflict;
use crate::domain::{Capabilities, Failure, FailureKind, SecretUrl, TransferKind, TransferState};

pub(super) fn prompt(stage: &Stage) -> &Prompt {
    match stage.app.dialog() {
        Some(Dialog::Prompt(prompt)) => prompt,
        other => panic!("no prompt: {other:?}"),
    }
}

fn conflicts(stage: &Stage) -> &ConflictDialog {
    match stage.app.dialog() {
        Some(Dialog::Conflicts(dialog)) => dialog,
        other => panic!("no conflicts: {other:?}"),
    }
}

fn job(key: &str) -> Job {
    Job {
        kind: TransferKind::Upload,
        key: key.into(),
        path: Some(PathBuf::from("/home/me").join(key)),
        size: Some(10),
        on_conflict: OnConflict::Refuse,
        without_record: false,
    }
}

fn planned(key: &str, taken: bool) -> PlannedJob {
    PlannedJob { job: job(key), taken: taken.then_some(Taken { size: Some(9), modified: None }), modified: None }
}

/// An upload of three files, of which the last two are there already.
fn with_conflicts() -> Stage {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("a.txt".into()))).press("enter");
    let request = stage.asked("PlanUpload");
    let jobs = vec![planned("free", false), planned("one", true), planned("two", true)];
    stage.answer(request, Answer::Planned(Ok(Plan { jobs, refused: Vec::new() })));
    stage
}

#[test]
fn an_upload_shows_its_key_lets_it_be_changed_and_is_looked_at_before_it_is_queued() {
    let mut stage = Stage::full();
    stage.press("j u");
    let (template, name) = ("{uuid}-{name}".to_owned(), "a.txt".to_owned());
    let request = stage.asked("MakeKey");
    assert_eq!(stage.effects, [Effect::MakeKey { request, template, prefix: String::new(), name: name.clone() }]);
    stage.answer(request, Answer::Key(Ok("1234-a.txt".into())));
    assert_eq!((prompt(&stage).input.value(), prompt(&stage).label), ("1234-a.txt", "key"));
    stage.press("home").type_text("docs/").press("enter");
    let request = stage.asked("PlanUpload");
    let files = vec![SourceFile { path: "/home/me/a.txt".into(), name, size: Some(10) }];
    let naming = Naming::Key("docs/1234-a.txt".into());
    assert_eq!(stage.effects, [Effect::PlanUpload { request, profile: identity("prod"), files, naming }]);
    let plan = Plan { jobs: vec![planned("docs/1234-a.txt", false)], refused: Vec::new() };
    stage.answer(request, Answer::Planned(Ok(plan)));
    let request = stage.asked("Enqueue");
    let jobs = vec![job("docs/1234-a.txt")];
    assert_eq!(stage.effects, [Effect::Enqueue { request, profile: identity("prod"), jobs }]);
    assert_eq!(stage.said(), [""; 0], "nothing is said to be queued before it is on disk");
    stage.answer(request, Answer::Enqueued(Ok(1)));
    assert_eq!(stage.said(), ["queued 1 upload"]);
}

#[test]
fn several_files_get_their_keys_by_a_template_that_is_checked() {
    let mut stage = Stage::full();
    stage.press("j space space u");
    assert_eq!((prompt(&stage).input.value(), prompt(&stage).title.as_str()), ("{uuid}-{name}", "Upload 2 files"));
    stage.type_text("{nope}").press("enter");
    assert!(prompt(&stage).problem().unwrap().contains("no place is called {nope}"));
    stage.press("ctrl-u").type_text("up/{name}").press("enter");
    let Effect::PlanUpload { files, naming, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!(files.len(), 2);
    assert_eq!(*naming, Naming::Template { template: "up/{name}".into(), prefix: String::new() });
    assert_eq!(stage.app.list().marked(), 2, "nothing is queued yet");
    let request = stage.asked("PlanUpload");
    let jobs = vec![planned("up/a.txt", false), planned("up/b.png", false)];
    stage.answer(request, Answer::Planned(Ok(Plan { jobs, refused: Vec::new() })));
    assert_eq!(stage.app.list().marked(), 0);
    stage.press("g g j j space space u");
    assert_eq!(prompt(&stage).input.value(), "up/{name}", "what was typed is offered again");
}

#[test]
fn a_template_is_shown_by_an_example_and_what_it_knows() {
    let mut stage = Stage::full();
    stage.press("j space space u").press("ctrl-u").type_text("up/{name}");
    let notes = |stage: &Stage| prompt(stage).notes(stage.now());
    assert_eq!(notes(&stage)[0], "a.txt → up/a.txt");
    assert!(notes(&stage)[1].contains("{name} {uuid} {date} {millis} {prefix}"));
    stage.type_text("{nam}");
    assert_eq!(notes(&stage)[0], "key template \"up/{name}{nam}\": no place is called {nam}");
}

#[test]
fn whoever_leaves_the_question_still_has_the_marks() {
    let mut stage = Stage::full();
    stage.press("j space space u esc");
    assert_eq!(stage.app.list().marked(), 2);
    stage.press("ctrl-a u esc");
    assert_eq!(stage.app.list().marked(), 3, "a folder among them");
}

#[test]
fn an_upload_goes_where_the_bucket_view_stands() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/x"], None);
    stage.press("1 j u");
    let request = stage.asked("MakeKey");
    let (template, prefix) = ("{prefix}{uuid}-{name}".to_owned(), "docs/".to_owned());
    assert_eq!(stage.effects, [Effect::MakeKey { request, template, prefix, name: "a.txt".into() }]);
}

#[test]
fn a_paste_into_a_prompt_is_one_line() {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("x".into()))).press("ctrl-u");
    stage.event(Event::Paste("a/b.txt\n".into()));
    assert_eq!(prompt(&stage).input.value(), "a/b.txt");
}

#[test]
fn a_key_without_a_name_or_that_no_link_reaches_is_refused_in_the_prompt_and_esc_queues_nothing() {
    let mut stage = Stage::full();
    stage.press("j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("x".into()))).press("ctrl-u enter");
    assert_eq!(prompt(&stage).problem(), Some("the key is empty: type a name for the object"));
    stage.type_text("../x").press("enter");
    let problem = prompt(&stage).problem().unwrap();
    assert!(problem.contains("has the part \"..\"") && problem.contains("no link would reach it"), "{problem}");
    stage.press("esc");
    assert!(stage.app.dialog().is_none() && stage.effects.is_empty());
}

#[test]
fn taken_targets_are_asked_about_one_by_one() {
    let mut stage = with_conflicts();
    assert_eq!((conflicts(&stage).number(), conflicts(&stage).choice), (1, Choice::Skip));
    stage.press("o");
    assert_eq!(conflicts(&stage).current().unwrap().job.key, "two");
    stage.press("b");
    let Effect::Enqueue { jobs, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    let decided: Vec<_> = jobs.iter().map(|job| (job.key.as_str(), job.on_conflict)).collect();
    let expected = [("free", OnConflict::Refuse), ("one", OnConflict::Overwrite), ("two", OnConflict::KeepBoth)];
    assert_eq!(decided, expected);
}

#[test]
fn arrows_end_at_the_first_and_the_last_choice_and_tab_goes_round() {
    let mut stage = with_conflicts();
    for (keys, choice) in [
        ("k", Choice::Skip),
        ("left", Choice::Skip),
        ("j", Choice::KeepBoth),
        ("down right", Choice::Overwrite),
        ("h", Choice::KeepBoth),
        ("tab tab", Choice::Skip),
    ] {
        stage.press(keys);
        assert_eq!(conflicts(&stage).choice, choice, "{keys}");
    }
}

#[test]
fn one_answer_may_hold_for_all_taken_targets() {
    let mut stage = with_conflicts();
    stage.press("S");
    assert!(matches!(&stage.effects[0], Effect::Enqueue { jobs, .. } if *jobs == [job("free")]));
}

#[test]
fn esc_among_conflicts_queues_nothing_at_all() {
    let mut stage = with_conflicts();
    stage.press("o esc");
    assert_eq!((stage.asked_if("Enqueue"), stage.said()), (None, vec!["nothing was queued"]));
}

#[test]
fn files_that_cannot_be_planned_are_named_and_the_rest_goes_on() {
    let mut stage = Stage::full();
    stage.press("2 s");
    let request = stage.asked("PlanDownload");
    let refused = (0..5).map(|number| Failure::new(FailureKind::Usage, format!("bad {number}"))).collect();
    stage.answer(request, Answer::Planned(Ok(Plan { jobs: vec![planned("x", false)], refused })));
    assert_eq!(stage.said(), ["bad 0", "bad 1", "3 more were refused"]);
    stage.asked("Enqueue");
}

#[test]
fn a_download_goes_to_the_folder_of_the_pane_local() {
    let mut stage = Stage::full();
    stage.press("2 space space s");
    let Effect::PlanDownload { objects, to, profile, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((keys, to), (vec!["new.png", "mid.txt"], &SaveTo::Folder("/home/me".into())));
    assert_eq!(*profile, identity("prod"));
    let request = stage.asked("PlanDownload");
    let mut jobs = planned("new.png", false);
    jobs.job.kind = TransferKind::Download;
    stage.answer(request, Answer::Planned(Ok(Plan { jobs: vec![jobs], refused: Vec::new() })));
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn a_download_from_a_prefix_leaves_the_prefix_out_of_the_path() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/a.md"], None);
    stage.press("j s");
    let Effect::PlanDownload { objects, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!((objects.len(), &*objects[0].key, &*objects[0].name), (1, "docs/a.md", "a.md"));
}

#[test]
fn save_as_takes_a_path_from_the_local_folder_on() {
    let mut stage = Stage::full();
    stage.press("2 S");
    assert_eq!(prompt(&stage).input.value(), "new.png");
    stage.press("home").type_text("sub/").press("enter");
    let Effect::PlanDownload { to, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!(*to, SaveTo::File("/home/me/sub/new.png".into()));
}

#[test]
fn a_read_only_profile_writes_nothing_and_says_why() {
    let mut read_only = profile("prod");
    read_only.read_only = true;
    let mut stage = Stage::with(vec![slot_of(read_only)]);
    stage.answer_folder(vec![file("a", 1)]).answer_records(&["x"], false);
    stage.press("j u 2 D");
    assert_eq!(stage.said()[1], "delete: prod is read-only; P, then e on it, opens where it says read_only = true");
    assert!(stage.app.dialog().is_none());
    assert!(stage.app.hints().iter().any(|hint| hint.text == "delete" && hint.disabled));
}

#[test]
fn keys_are_copied_without_asking_anybody_and_the_outcome_is_said() {
    let mut stage = Stage::full();
    stage.press("2 ctrl-a y k");
    let request = stage.asked("Copy");
    assert_eq!(stage.effects, [Effect::Copy { request, text: SecretUrl::new("new.png\nmid.txt\nold.pdf") }]);
    stage.answer(request, Answer::Copied(Ok("sent to your terminal".into())));
    assert_eq!(stage.said(), ["3 keys: sent to your terminal"]);
}

#[test]
fn what_the_store_cannot_do_is_off_for_its_own_reason() {
    let mut stage = Stage::described(Capabilities { public_url: Err("it has none"), ..able() });
    stage.press("2 y p");
    assert_eq!(stage.said(), ["public URL: it has none"]);
}

#[test]
fn help_lists_what_works_here_and_why_something_does_not() {
    let mut stage = Stage::described(Capabilities { public_url: Err("it has none"), ..able() });
    stage.press("2 ?");
    let Some(Dialog::Palette(dialog)) = stage.app.dialog() else { panic!("no help") };
    let rows = stage.app.palette_rows(dialog);
    let is_public =
        |row: &PaletteRow| matches!(row, PaletteRow::Action(row) if row.keys == "yp" && row.reason.is_some());
    let public = rows.iter().position(is_public).unwrap();
    assert_eq!(rows[public + 1], PaletteRow::Reason("it has none".into()));
    assert!(
        !rows
            .iter()
            .any(|row| matches!(row, PaletteRow::Action(row) if row.action == crate::action::Action::HiddenFiles))
    );
    stage.press("G ?");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn f1_shows_the_keys_also_where_a_question_mark_is_typed() {
    let mut stage = Stage::full();
    stage.press("2 S ?");
    assert!(prompt(&stage).input.value().contains('?') && stage.app.explained_dialog().is_none());
    stage.press("f1");
    let shown = stage.app.explained_dialog().map(|dialog| dialog.keys());
    assert!(shown.is_some_and(|keys| keys.contains(&("^u", "empty the line"))));
    stage.press("x");
    assert!(stage.app.explained_dialog().is_none() && !prompt(&stage).input.value().contains('x'));
}

#[test]
fn quitting_asks_while_transfers_run_and_not_otherwise() {
    let mut stage = Stage::full();
    stage.press("q");
    assert_eq!(stage.effects, [Effect::Quit]);
    stage.queue(vec![transfer(1, TransferKind::Upload, TransferState::Sending, "a")]).press("q");
    assert_eq!(stage.asked_if("Quit"), None);
    assert!(stage.effects.is_empty() && stage.app.dialog().is_some());
    stage.press("esc q enter");
    assert_eq!(stage.effects, [Effect::Quit]);
}

#[test]
fn control_c_quits_at_the_second_press_even_in_a_dialog() {
    let mut stage = Stage::full();
    stage.press("? ctrl-c");
    assert_eq!(stage.said(), ["^c once more quits"]);
    stage.wait(10).press("ctrl-c");
    assert!(!stage.effects.contains(&Effect::Quit));
    stage.press("ctrl-c");
    assert!(stage.effects.contains(&Effect::Quit));
}

#[test]
fn esc_never_quits() {
    let mut stage = Stage::full();
    stage.press("l").answer_folder(vec![folder("deep")]);
    for _ in 0..20 {
        stage.press("esc");
        assert!(!stage.effects.contains(&Effect::Quit));
    }
}
