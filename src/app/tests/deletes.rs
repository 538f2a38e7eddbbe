//! What is asked before something is deleted: objects as they are, and everything beneath prefixes, which is counted while
//! the question stands.

use super::stage::{Stage, able, identity};
use crate::app::dialog::BeneathDialog;
use crate::app::effect::{Countable, Job, RequestId, Walk, WantedObject};
use crate::app::{Answer, Counted, Dialog, Effect, Message};
use crate::domain::transfer::OnConflict;
use crate::domain::{Capabilities, Failure, FailureKind, TransferKind};

fn asking(stage: &Stage) -> &BeneathDialog {
    match stage.app.dialog() {
        Some(Dialog::Beneath(dialog)) => dialog,
        other => panic!("no question: {other:?}"),
    }
}

/// The first line of the question.
fn amount(stage: &Stage) -> &str {
    &asking(stage).question.lines[0]
}

fn counted(objects: u64) -> Counted {
    Counted { objects, bytes: objects * 1024, hidden: 0, recorded: 0 }
}

fn counting(stage: &mut Stage, request: RequestId, objects: u64) {
    let now = stage.now();
    stage.send(Message::Counting { request, counted: counted(objects), now });
}

/// Somebody wants `docs/` to go.
fn asked() -> (Stage, RequestId) {
    let mut stage = Stage::in_bucket(&["docs/", "docs", "other/"]);
    stage.press("D");
    let request = stage.asked("Count");
    (stage, request)
}

/// Everything beneath `docs/`, on its way out.
fn walk() -> Walk {
    Walk::Delete { prefixes: vec!["docs/".into()], objects: Vec::new() }
}

#[test]
fn a_delete_says_how_many_where_and_from_which_profile_and_a_bare_enter_deletes_nothing() {
    let mut stage = Stage::full();
    stage.press("2 space space D");
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert!(!dialog.yes && dialog.danger);
    let text = format!("{}\n{}", dialog.title, [dialog.names.clone(), dialog.lines.clone()].concat().join("\n"));
    for part in ["Delete 2 objects?", "new.png", "200 B", "prod-bucket", "profile prod (/etc/windlass.toml)"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    stage.press("enter");
    assert!(stage.app.dialog().is_none() && stage.effects.is_empty());
    assert_eq!(stage.app.list().marked(), 2);
}

#[test]
fn a_delete_that_only_hides_says_so_instead_of_that_it_cannot_be_undone() {
    let hiding = Capabilities { delete_is_final: Err("it hides the file"), ..able() };
    for (mut stage, end) in [
        (Stage::full(), "This cannot be undone. The object goes, then its record."),
        (Stage::described(able()), "This cannot be undone. The object goes, then its record."),
        (Stage::described(hiding), "it hides the file. The object goes, then its record."),
    ] {
        stage.press("2 D");
        let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
        assert!(dialog.lines.iter().any(|line| line.ends_with(end)), "{:?}", dialog.lines);
    }
}

#[test]
fn a_store_that_cannot_delete_says_why() {
    let mut stage = Stage::described(Capabilities { delete: Err("it needs a secret key"), ..able() });
    stage.press("2 D");
    assert!(stage.app.dialog().is_none());
    assert_eq!(stage.said(), ["delete: it needs a secret key"]);
}

#[test]
fn a_delete_that_is_confirmed_is_queued_under_the_profile() {
    for yes in ["y", "tab enter"] {
        let mut stage = Stage::full();
        stage.press("2 D").press(yes);
        let request = stage.asked("Enqueue");
        let delete = Job {
            kind: TransferKind::Delete,
            key: "new.png".into(),
            path: None,
            size: Some(100),
            on_conflict: OnConflict::Refuse,
            without_record: false,
        };
        assert_eq!(stage.effects, [Effect::Enqueue { request, profile: identity("prod"), jobs: vec![delete] }]);
    }
}

#[test]
fn a_delete_in_the_bucket_view_needs_no_record_and_says_what_that_means() {
    let mut stage = Stage::in_bucket(&["x"]);
    stage.press("delete");
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert!(dialog.lines.iter().any(|line| line.contains("hidden record")));
    stage.press("y");
    assert!(matches!(&stage.effects[0], Effect::Enqueue { jobs, .. } if jobs[0].without_record));
}

#[test]
fn what_is_beneath_a_prefix_is_counted_while_the_question_stands() {
    let (mut stage, request) = asked();
    let prefixes = vec!["docs/".to_owned()];
    assert_eq!(stage.effects, [Effect::Count { request, profile: "prod".into(), what: Countable::Objects(prefixes) }]);
    let question = &asking(&stage).question;
    let text = format!("{}\n{}", question.title, question.lines.join("\n"));
    for part in ["beneath docs/?", "prod-bucket", "profile prod (/etc/windlass.toml)", "counting", "hidden record"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(question.names, ["docs/"]);
    counting(&mut stage, request, 1000);
    assert_eq!(amount(&stage), "beneath docs/: at least 1,000 objects, 1000 KiB, counting…");
    stage.answer(request, Answer::Counted(Ok(counted(2500))));
    assert_eq!(amount(&stage), "beneath docs/: 2,500 objects, 2.4 MiB, and their records");
}

#[test]
fn yes_can_be_said_once_something_is_counted_and_no_at_any_time() {
    let (mut stage, request) = asked();
    stage.press("y tab enter");
    assert!(stage.app.dialog().is_none(), "a bare Enter is no");
    assert_eq!(stage.effects, [Effect::Cancel(request)], "nobody counts for a question that is closed");

    stage.press("D");
    let request = stage.asked("Count");
    stage.press("y");
    assert!(!asking(&stage).is_ready() && stage.effects.is_empty());
    counting(&mut stage, request, 1000);
    assert!(asking(&stage).is_ready() && !asking(&stage).question.yes);
    stage.press("y");
    let asked = stage.asked("Walk");
    let (profile, on_conflict) = (identity("prod"), OnConflict::Refuse);
    let walk = Effect::Walk { request: asked, profile, walk: walk(), on_conflict };
    assert_eq!(stage.effects, [Effect::Cancel(request), walk]);
    assert!(stage.app.dialog().is_none());
}

#[test]
fn the_hints_of_a_question_stay_where_they_are_when_the_count_comes() {
    let (mut stage, request) = asked();
    let hints = |stage: &Stage| stage.app.hint_line().hints;
    let before = hints(&stage);
    counting(&mut stage, request, 1000);
    let after = hints(&stage);
    let columns = |hints: &[(std::ops::Range<u16>, crate::app::Hint)]| -> Vec<_> {
        hints.iter().map(|(columns, hint)| (columns.clone(), hint.text.clone())).collect()
    };
    assert_eq!(columns(&before), columns(&after));
    let dim = |hints: &[(std::ops::Range<u16>, crate::app::Hint)]| {
        hints.iter().map(|(_, hint)| hint.disabled).collect::<Vec<_>>()
    };
    assert_eq!((dim(&before), dim(&after)), (vec![true, false, true, false], vec![false; 4]));
}

#[test]
fn a_count_that_has_come_to_its_end_is_not_cancelled() {
    let (mut stage, request) = asked();
    stage.answer(request, Answer::Counted(Ok(counted(3)))).press("esc");
    assert!(stage.effects.is_empty() && stage.app.dialog().is_none());
    counting(&mut stage, request, 9);
    assert!(stage.app.dialog().is_none());
}

#[test]
fn where_nothing_is_any_more_nothing_can_be_deleted() {
    let (mut stage, request) = asked();
    stage.answer(request, Answer::Counted(Ok(counted(0))));
    assert_eq!(amount(&stage), "beneath docs/: nothing is there any more");
    stage.press("y");
    assert!(!asking(&stage).is_ready() && stage.effects.is_empty());
}

#[test]
fn a_count_that_breaks_off_says_why_and_what_it_came_to() {
    let (mut stage, request) = asked();
    counting(&mut stage, request, 1000);
    stage.answer(request, Answer::Counted(Err(Failure::new(FailureKind::Offline, "no route"))));
    assert_eq!(amount(&stage), "beneath docs/: at least 1,000 objects, 1000 KiB; counting broke off: no route");
    assert!(asking(&stage).is_ready());

    stage.press("esc D");
    let request = stage.asked("Count");
    stage.answer(request, Answer::Counted(Err(Failure::new(FailureKind::Denied, "no right to list"))));
    assert!(!asking(&stage).is_ready(), "what cannot be listed cannot be deleted either");
}

#[test]
fn marked_objects_and_prefixes_go_together() {
    let mut stage = Stage::in_bucket(&["docs/", "docs", "other/"]);
    stage.press("ctrl-a D");
    let request = stage.asked("Count");
    stage.answer(request, Answer::Counted(Ok(counted(2))));
    let question = &asking(&stage).question;
    assert_eq!((question.title.as_str(), question.count), ("Delete 2 prefixes and 1 object?", 3));
    assert_eq!(amount(&stage), "2 prefixes and 1 object: 3 objects, 2.0 KiB, and their records");
    stage.press("y");
    let Some(Effect::Walk { walk, .. }) = stage.effects.first() else { panic!("{:?}", stage.effects) };
    let objects = vec![WantedObject { key: "docs".into(), name: "docs".into(), size: Some(5), modified: None }];
    assert_eq!(*walk, Walk::Delete { prefixes: vec!["docs/".into(), "other/".into()], objects });
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn a_question_says_how_many_of_its_marks_the_filter_hides() {
    let hidden = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Confirm(question)) => question.lines.iter().find(|line| line.starts_with("The filter")).cloned(),
        other => panic!("no question: {other:?}"),
    };
    let mut stage = Stage::in_bucket(&["a.txt", "b.txt", "hero.png"]);
    stage.press("space space D");
    assert_eq!(hidden(&stage), None, "all that is marked can be seen");
    stage.press("esc /").type_text("b.txt").press("tab D");
    assert_eq!(hidden(&stage).as_deref(), Some("The filter hides 1 of the 2 marked that this is about."));
    stage.press("n / ctrl-u").type_text("hero").press("tab D");
    assert_eq!(hidden(&stage).as_deref(), Some("The filter shows none of the 2 marked that this is about."));
}

#[test]
fn what_is_queued_of_it_is_said_and_esc_stops_the_rest() {
    let (mut stage, request) = asked();
    counting(&mut stage, request, 1000);
    stage.press("y");
    let request = stage.asked("Walk");
    let (found, now) = (crate::app::Found { queued: 1000, bytes: 1 << 20, ..Default::default() }, stage.now());
    stage.send(Message::Walking { request, found, queued: Vec::new(), now }).press("esc");
    let said = "stopped looking through docs/ to delete: 1,000 queued, 1.0 MiB so far, and stays so";
    assert_eq!((stage.effects.first(), stage.said()), (Some(&Effect::Cancel(request)), vec![said]));
}

#[test]
fn the_way_up_cannot_be_deleted() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("l").answer_objects(&["docs/x"], None);
    stage.press("k D");
    assert_eq!(stage.said(), ["delete: no file or folder is under the cursor"]);
}

#[test]
fn what_stays_hidden_is_counted_where_the_bucket_keeps_older_versions() {
    let mut stage = Stage::described(able());
    stage.press("2 D");
    let request = stage.asked("Count");
    let last = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Confirm(dialog)) => dialog.lines.last().cloned().unwrap(),
        other => panic!("no question: {other:?}"),
    };
    assert_eq!(last(&stage), "older versions: counting…");
    stage.answer(request, Answer::Counted(Ok(counted(3))));
    assert_eq!(last(&stage), "older versions: 3 stay hidden, 3.0 KiB");
    for (answer, line) in [
        (Ok(counted(0)), "older versions: none is kept"),
        (Ok(counted(1)), "older versions: 1 stays hidden, 1.0 KiB"),
        (Err(Failure::new(FailureKind::Denied, "no")), "Older versions may stay hidden: no."),
    ] {
        let mut stage = Stage::described(able());
        stage.press("2 D");
        let request = stage.asked("Count");
        stage.answer(request, Answer::Counted(answer));
        assert_eq!(last(&stage), line);
        stage.press("y");
        assert!(stage.asked_if("Enqueue").is_some());
    }
}

/// A bucket that keeps older versions, with these keys, of which the first is to go with all that is marked.
fn versioned(keys: &[&str]) -> Stage {
    let mut stage = Stage::described(able());
    stage.press("2 v");
    stage.answer_objects(keys, None);
    stage
}

#[test]
fn what_stays_hidden_beneath_a_prefix_is_counted_beside_what_goes() {
    let mut stage = versioned(&["docs/", "docs"]);
    stage.press("ctrl-a D");
    let (keys, prefixes) = (vec!["docs".to_owned()], vec!["docs/".to_owned()]);
    let wanted = |what| {
        stage.effects.iter().find_map(|effect| match effect {
            Effect::Count { request, what: asked, .. } if *asked == what => Some(*request),
            _ => None,
        })
    };
    let objects = wanted(Countable::Objects(prefixes.clone())).unwrap();
    let hidden = wanted(Countable::Hidden { keys, prefixes }).unwrap();
    let last = |stage: &Stage| asking(stage).question.lines.last().cloned().unwrap();
    assert_eq!(last(&stage), "older versions: counting…");
    counting(&mut stage, hidden, 1000);
    assert_eq!(last(&stage), "older versions: at least 1,000 stay hidden, 1000 KiB, counting…");
    assert!(!asking(&stage).is_ready(), "what goes is not known yet");
    stage.answer(hidden, Answer::Counted(Ok(counted(2000))));
    assert_eq!(last(&stage), "older versions: 2,000 stay hidden, 2.0 MiB");
    stage.press("esc");
    assert_eq!(stage.effects, [Effect::Cancel(objects)], "the other has come to its end");
}

#[test]
fn of_many_objects_it_is_said_that_older_versions_are_not_counted() {
    let keys: Vec<String> = (10..30).map(|number| format!("{number}.txt")).collect();
    let mut stage = versioned(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    stage.press("ctrl-a D");
    let Some(Dialog::Confirm(dialog)) = stage.app.dialog() else { panic!("no question") };
    let said = "Older versions stay hidden, if there are any: of more than 16 they are not counted.";
    assert_eq!((dialog.lines.last().unwrap().as_str(), stage.asked_if("Count")), (said, None));
}

#[test]
fn whoever_says_no_ends_the_counting_of_what_is_hidden() {
    let mut stage = Stage::described(able());
    stage.press("2 D");
    let request = stage.asked("Count");
    stage.press("n");
    assert_eq!(stage.effects, [Effect::Cancel(request)]);
}

#[test]
fn without_older_versions_nothing_is_counted() {
    let mut stage = Stage::described(Capabilities { versions: Err("it keeps none"), ..able() });
    stage.press("2 D");
    assert_eq!(stage.asked_if("Count"), None);
}
