//! Names that are made and names that are kept, between which a key switches in every question about uploads.

use super::dialogs::prompt;
use super::mouse::click_hint;
use super::stage::{Stage, profile};
use crate::app::dialog::TreeDialog;
use crate::app::effect::{Countable, Naming, RequestId, Walk};
use crate::app::{Answer, Counted, Dialog, Effect};
use crate::config::Profile;
use crate::domain::{Failure, FailureKind};

fn tree(stage: &Stage) -> &TreeDialog {
    match stage.app.dialog() {
        Some(Dialog::Tree(dialog)) => dialog,
        other => panic!("no question: {other:?}"),
    }
}

/// What the key offers to do, where it is offered.
fn offered(stage: &Stage) -> Option<&'static str> {
    let hints = stage.app.dialog().unwrap().hints();
    hints.into_iter().find(|(key, _)| *key == "^n").map(|(_, does)| does)
}

/// Who looks for what is there already, and by which template, of what was asked now.
fn looking(stage: &Stage) -> Option<(RequestId, String)> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Count { request, what: Countable::Taken(Walk::Upload { template, .. }), .. } => {
            Some((*request, template.clone()))
        }
        _ => None,
    })
}

#[test]
fn a_folders_names_are_kept_by_one_key_and_made_again_by_the_same() {
    let mut stage = Stage::full();
    stage.press("u");
    let (before, _) = looking(&stage).unwrap();
    assert_eq!(tree(&stage).lines()[3], "Folders stay what they are; each name is made by this template:");
    assert_eq!(offered(&stage), Some("keep names"));
    stage.press("ctrl-n");
    let (kept, template) = looking(&stage).unwrap();
    assert_eq!((tree(&stage).form.text(0), template.as_str()), ("{name}", "{name}"));
    assert!(stage.effects.contains(&Effect::Cancel(before)), "{:?}", stage.effects);
    assert_eq!(tree(&stage).lines()[2..], ["already there: looking…", "Folders and names stay as they are:"]);
    assert_eq!(tree(&stage).notes(stage.now())[0], "a file sub/name.txt would become sub/name.txt");
    let gone = Answer::Counted(Err(Failure::new(FailureKind::Denied, "too late")));
    stage.answer(before, gone);
    stage.answer(kept, Answer::Counted(Ok(Counted { objects: 3, bytes: 3072, hidden: 0, recorded: 0 })));
    assert_eq!(tree(&stage).lines()[2], "already there: 3 files, 3.0 KiB; you are asked afterwards");
    assert_eq!(offered(&stage), Some("by template"));
    stage.press("ctrl-n");
    assert_eq!(tree(&stage).form.text(0), "{uuid}-{name}");
    assert_eq!(tree(&stage).lines()[2], "already there: not looked for, each name is a new one");
    stage.press("ctrl-n enter");
    let Some(Effect::Walk { walk: Walk::Upload { template, .. }, .. }) = stage.effects.last() else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(template, "{name}");
    stage.press("u");
    assert_eq!((tree(&stage).form.text(0), offered(&stage)), ("{name}", Some("by template")), "and offered again");
}

#[test]
fn the_key_holds_on_every_line_and_mends_what_was_refused() {
    let mut stage = Stage::full();
    stage.press("u ctrl-u").type_text("one").press("enter");
    assert!(tree(&stage).form.problem.is_some());
    stage.press("tab ctrl-n");
    assert_eq!((tree(&stage).form.text(0), tree(&stage).form.problem.as_deref()), ("{name}", None));
    assert_eq!(tree(&stage).form.at(), 1);
    assert!(stage.app.dialog().unwrap().keys().contains(&("^n", "by template")), "the dialog's help has it");
}

#[test]
fn where_the_template_keeps_names_there_is_nothing_to_switch() {
    for template in ["{name}", "{prefix}{name}"] {
        let mut stage = Stage::full_under(Profile { key_template: template.into(), ..profile("prod") });
        stage.press("u").press("ctrl-n");
        assert_eq!((tree(&stage).form.text(0), offered(&stage), looking(&stage)), (template, None, None));
        assert!(tree(&stage).lines()[3].starts_with("Folders and names stay as"));
        stage.press("ctrl-u").type_text("x-{name}");
        assert_eq!(offered(&stage), Some("keep names"), "what was typed does not");
        stage.press("ctrl-n");
        assert_eq!((tree(&stage).form.text(0), offered(&stage)), ("{name}", None));
    }
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("s");
    assert_eq!(offered(&stage), None, "a download makes no names");
}

#[test]
fn several_files_keep_their_names_beneath_the_prefix() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/x"], None);
    stage.press("1 j space space u");
    assert_eq!((prompt(&stage).input.value(), offered(&stage)), ("{prefix}{uuid}-{name}", Some("keep names")));
    click_hint(&mut stage, "keep names");
    assert_eq!(prompt(&stage).notes(stage.now())[0], "a.txt → docs/a.txt");
    stage.press("enter");
    let Some(Effect::PlanUpload { naming, .. }) = stage.effects.first() else { panic!("{:?}", stage.effects) };
    assert_eq!(*naming, Naming::Template { template: "{prefix}{name}".into(), prefix: "docs/".into() });
}

#[test]
fn one_file_keeps_its_name_and_gets_the_key_back_that_was_made() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/x"], None);
    stage.press("1 j u");
    let request = stage.asked("MakeKey");
    stage.answer(request, Answer::Key(Ok("docs/1234-a.txt".into())));
    assert_eq!(offered(&stage), Some("keep names"));
    stage.press("ctrl-n");
    assert_eq!((prompt(&stage).input.value(), offered(&stage)), ("docs/a.txt", Some("by template")));
    stage.press("ctrl-n");
    assert_eq!(prompt(&stage).input.value(), "docs/1234-a.txt");
    stage.press("esc 2").press("g p ctrl-n");
    assert_eq!((prompt(&stage).input.value(), offered(&stage)), ("", None), "no other line has two forms");
}
