//! Uploads that somebody else is asked for, and records of what is up already.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::stage::{Stage, able, identity, profile, slot_of, transfer};
use crate::app::dialog::{LinkDialog, RequestDialog};
use crate::app::effect::{Countable, Walk, WantedObject, WantedRequest};
use crate::app::{Answer, Counted, Dialog, Effect, RequestText};
use crate::domain::transfer::AskedUpload;
use crate::domain::{Capabilities, Failure, FailureKind, SecretUrl, TransferKind, TransferState};

fn form(stage: &Stage) -> &RequestDialog {
    match stage.app.dialog() {
        Some(Dialog::Request(dialog)) => dialog,
        other => panic!("no question: {other:?}"),
    }
}

fn shown(stage: &Stage) -> &LinkDialog {
    match stage.app.dialog() {
        Some(Dialog::Link(dialog)) => dialog,
        other => panic!("no URL: {other:?}"),
    }
}

fn text(stage: &Stage, seconds: i64) -> RequestText {
    RequestText {
        key: "docs/1-a.png".into(),
        url: SecretUrl::new("https://host/docs/1-a.png?sig=1"),
        headers: vec![("content-type".into(), "image/png".into())],
        curl: SecretUrl::new("curl -T 'a.png' 'https://host/docs/1-a.png?sig=1'"),
        expires_at: stage.now() + TimeDelta::seconds(seconds),
    }
}

fn asked_until(expires_at: DateTime<Utc>) -> Option<Box<AskedUpload>> {
    Some(Box::new(AskedUpload { size: None, content_type: "image/png".into(), expires_at }))
}

fn copied(stage: &Stage) -> String {
    let copied = |effect: &Effect| match effect {
        Effect::Copy { text, .. } => Some(text.expose().to_owned()),
        _ => None,
    };
    stage.effects.iter().find_map(copied).unwrap_or_else(|| panic!("nothing is copied: {:?}", stage.effects))
}

#[test]
fn a_name_is_enough_and_the_line_for_a_shell_is_copied() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("enter").answer_objects(&["docs/b"], None);
    stage.press("y P").type_text("a.png");
    assert_eq!(form(&stage).form.text(1), "image/png", "the name suggests it");
    stage.press("enter");
    let request = stage.asked("Request");
    let wanted = WantedRequest {
        name: "a.png".into(),
        content_type: "image/png".into(),
        size: None,
        seconds: 300,
        prefix: "docs/".into(),
    };
    assert_eq!(stage.effects, [Effect::Request { request, profile: identity("prod"), wanted }]);
    let answer = text(&stage, 300);
    stage.answer(request, Answer::Requested(Ok(answer)));
    assert_eq!(copied(&stage), "curl -T 'a.png' 'https://host/docs/1-a.png?sig=1'");
    assert!(shown(&stage).good_for.as_ref().unwrap().starts_with("good for 5 min, until "));
    assert!(!format!("{:?} {:?}", stage.effects, stage.app).contains("sig=1"), "no Debug shows it");
    let request = stage.asked("Copy");
    stage.answer(request, Answer::Copied(Ok("sent to your terminal".into())));
    assert_eq!(shown(&stage).said.as_deref(), Some("line sent to your terminal"));
    stage.press("u");
    assert_eq!(copied(&stage), "https://host/docs/1-a.png?sig=1");
    stage.answer(stage.asked("Copy"), Answer::Copied(Ok("copied".into())));
    assert_eq!(shown(&stage).said.as_deref(), Some("URL copied"));
    stage.press("y");
    assert!(copied(&stage).starts_with("curl "));
}

#[test]
fn a_type_that_was_typed_stays_and_what_will_not_do_is_said_where_it_stands() {
    let mut stage = Stage::full();
    stage.press("2 y P tab").type_text("image").press("up").type_text("a/../b.png").press("enter");
    assert_eq!(form(&stage).form.text(1), "image");
    let said = |stage: &Stage| (form(stage).form.at(), form(stage).form.problem.clone().unwrap());
    assert_eq!(said(&stage).0, 0);
    assert!(said(&stage).1.contains("has the part \"..\""), "{:?}", said(&stage));
    stage.press("ctrl-u").type_text("b.png").press("enter");
    assert_eq!(said(&stage).0, 1);
    stage.type_text("/png").press("enter");
    assert!(stage.asked_if("Request").is_some() && stage.app.dialog().is_none());
    stage.press("y P").type_text("b.png").press("tab tab").type_text("many").press("enter");
    assert_eq!(said(&stage).0, 2);
    stage.press("ctrl-u tab ctrl-u").type_text("8d").press("enter");
    assert!(said(&stage).1.contains("7 d at most"));
    stage.press("ctrl-u").type_text("1h").press("up").type_text("5").press("enter");
    let Effect::Request { wanted, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!((wanted.size, wanted.seconds), (Some(5), 3600));
}

#[test]
fn a_refusal_is_said_and_credentials_that_end_sooner_too() {
    let mut stage = Stage::full();
    stage.press("2 y P").type_text("b.png").press("enter");
    let request = stage.asked("Request");
    let refused = Failure::new(FailureKind::Exists, "there is an object b.png already");
    stage.answer(request, Answer::Requested(Err(refused)));
    assert_eq!(stage.said(), ["there is an object b.png already"]);
    stage.press("y P").type_text("b.png").press("tab tab tab ctrl-u").type_text("1h").press("enter");
    let (request, answer) = (stage.asked("Request"), text(&stage, 600));
    stage.answer(request, Answer::Requested(Ok(answer)));
    assert!(shown(&stage).good_for.as_ref().unwrap().ends_with("1 h was asked for, but the credentials end sooner"));
}

#[test]
fn a_request_that_waits_shows_its_url_again() {
    let mut stage = Stage::full();
    let waiting = transfer(7, TransferKind::Request, TransferState::Waiting, "k");
    stage.queue(vec![waiting.clone()]).press("3 enter");
    let Some(dialog) = stage.app.dialog() else { panic!("no details") };
    assert!(dialog.hints().iter().any(|(key, what)| (*key, *what) == ("y", "show the URL again")));
    stage.press("y");
    let request = stage.asked("ShowRequest");
    assert_eq!(stage.effects, [Effect::ShowRequest { request, transfer: waiting.transfer.clone() }]);
    let answer = text(&stage, 60);
    stage.answer(request, Answer::Requested(Ok(answer)));
    assert!(shown(&stage).good_for.as_ref().unwrap().starts_with("good for 1 min, until "));
    let done = transfer(7, TransferKind::Request, TransferState::Done, "k");
    stage.press("esc").queue(vec![done]).press("enter y");
    assert!(stage.asked_if("ShowRequest").is_none(), "there is nothing to upload any more");
}

#[test]
fn the_url_of_a_paused_request_is_shown_again_and_any_size_is_any() {
    let mut stage = Stage::full();
    for (state, url) in [
        (TransferState::Waiting, true),
        (TransferState::Paused, true),
        (TransferState::Expired, false),
        (TransferState::Cancelled, false),
    ] {
        let mut request = transfer(7, TransferKind::Request, state, "k");
        let asked = Arc::make_mut(&mut request.transfer);
        (asked.size, asked.asked) = (None, asked_until(stage.now() + TimeDelta::minutes(5)));
        stage.queue(vec![request]).press("3 enter");
        let Some(Dialog::Transfer(dialog)) = stage.app.dialog() else { panic!("no details") };
        assert_eq!(dialog.hints()[0].0 == "y", url, "{state:?}");
        let rows = stage.app.details(dialog);
        assert!(rows.iter().any(|row| row.name == "size" && row.text == "any"), "{state:?}: {rows:?}");
        stage.press("y");
        assert_eq!(stage.asked_if("ShowRequest").is_some(), url, "{state:?}");
        stage.press("esc");
    }
}

#[test]
fn a_request_that_is_shown_again_says_when_its_url_works() {
    let local = slot_of(crate::config::Profile { provider: crate::domain::Provider::Local, ..profile("prod") });
    for (slot, said) in [(local, true), (slot_of(profile("prod")), false)] {
        let mut stage = Stage::with(vec![slot]);
        stage.queue(vec![transfer(7, TransferKind::Request, TransferState::Waiting, "k")]).press("3 enter y");
        let (request, answer) = (stage.asked("ShowRequest"), text(&stage, 60));
        stage.answer(request, Answer::Requested(Ok(answer)));
        assert_eq!(shown(&stage).note.is_some_and(|note| note.starts_with("works here only")), said);
    }
}

#[test]
fn a_request_that_expires_is_said_to_have_and_not_to_have_failed() {
    let mut stage = Stage::full();
    let request = |state| transfer(7, TransferKind::Request, state, "k");
    stage.queue(vec![request(TransferState::Waiting)]).queue(vec![request(TransferState::Expired)]);
    assert_eq!(stage.said(), ["1 expired"]);
    let work = |state| transfer(8, TransferKind::Upload, state, "b");
    stage.queue(vec![request(TransferState::Waiting), work(TransferState::Sending)]);
    stage.queue(vec![request(TransferState::Expired), work(TransferState::Failed)]);
    assert_eq!(stage.said(), ["uploaded 0 of 1, 1 expired; 1 failed, see Transfers (3)"]);
}

#[test]
fn cancelling_a_request_and_quitting_say_what_becomes_of_its_url() {
    let mut stage = Stage::full();
    let mut waiting = transfer(7, TransferKind::Request, TransferState::Waiting, "k");
    Arc::make_mut(&mut waiting.transfer).asked = asked_until(stage.now());
    stage.queue(vec![waiting]).press("3 x");
    let Some(Dialog::Confirm(confirm)) = stage.app.dialog() else { panic!("no question") };
    assert!(confirm.lines.iter().any(|line| line.starts_with("What comes by the URL of an upload request until ")));
    stage.press("esc q");
    let Some(Dialog::Confirm(confirm)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(confirm.lines, ["URLs of upload requests stay good; what came by them is recorded at the next start."]);
}

#[test]
fn cancelling_a_paused_request_warns_of_its_url_while_that_is_good() {
    for (seconds, warned) in [(60, true), (-60, false)] {
        let mut stage = Stage::full();
        let mut paused = transfer(7, TransferKind::Request, TransferState::Paused, "k");
        Arc::make_mut(&mut paused.transfer).asked = asked_until(stage.now() + TimeDelta::seconds(seconds));
        stage.queue(vec![paused]).press("3 x");
        let Some(Dialog::Confirm(confirm)) = stage.app.dialog() else { panic!("no question") };
        let warns = confirm.lines.iter().any(|line| line.starts_with("What comes by the URL of an upload request"));
        assert_eq!(warns, warned, "{seconds} s");
    }
}

#[test]
fn a_paused_request_looks_different_at_the_moment_when_its_url_ends() {
    let mut stage = Stage::full();
    let mut paused = transfer(7, TransferKind::Request, TransferState::Paused, "k");
    let end = stage.now() + TimeDelta::milliseconds(500);
    Arc::make_mut(&mut paused.transfer).asked = asked_until(end);
    let wakes = |stage: &Stage| {
        let moments = stage.effects.iter().filter_map(|effect| match effect {
            Effect::WakeAt(moment) => Some(*moment),
            _ => None,
        });
        moments.min()
    };
    stage.queue(vec![paused]);
    assert_eq!(wakes(&stage), Some(end));
    stage.wait(1);
    assert!(wakes(&stage).is_none_or(|moment| moment > end), "once it is over nobody is woken for it");
}

#[test]
fn where_nothing_may_be_written_or_signed_the_reason_is_said() {
    let mut read_only = profile("prod");
    read_only.read_only = true;
    let mut stage = Stage::with(vec![slot_of(read_only)]);
    stage.answer_folder(Vec::new()).answer_records(&["x"], false);
    stage.press("2 y P w");
    let said = stage.said();
    assert!(said[0].starts_with("upload request: prod is read-only; P, then e"), "{said:?}");
    assert!(said[1].starts_with("record: prod is read-only; P, then e"), "{said:?}");
    let mut stage = Stage::described(Capabilities { upload_link: Err("it has no presigned PUT"), ..able() });
    stage.press("2 y P");
    assert_eq!(stage.said(), ["upload request: it has no presigned PUT"]);
}

#[test]
fn the_end_of_a_long_wait_for_somebody_is_told_as_that_of_long_work() {
    for (waited, told) in [(3, false), (60, true)] {
        let mut stage = Stage::full();
        let mut request = transfer(7, TransferKind::Request, TransferState::Waiting, "k");
        Arc::make_mut(&mut request.transfer).asked = asked_until(stage.now() + TimeDelta::minutes(5));
        stage.queue(vec![request.clone()]);
        let done = Arc::make_mut(&mut request.transfer);
        done.state = TransferState::Done;
        done.finished_at = Some(done.queued_at + TimeDelta::seconds(waited));
        stage.wait(waited).queue(vec![request]);
        let notified = stage.effects.iter().any(|effect| matches!(effect, Effect::Notify(_)));
        assert_eq!((notified, stage.said().contains(&"recorded k")), (told, true), "{waited} s");
    }
}

#[test]
fn one_record_is_written_at_once() {
    let mut stage = Stage::in_bucket(&["docs/", "a.txt"]);
    stage.press("j space w");
    let Some(Effect::Enqueue { jobs, .. }) = stage.effects.first() else { panic!("{:?}", stage.effects) };
    assert_eq!((jobs.len(), jobs[0].kind, &*jobs[0].key), (1, TransferKind::Request, "a.txt"));
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn the_records_of_prefixes_and_marks_are_counted_before_they_are_written() {
    let mut stage = Stage::in_bucket(&["docs/", "a.txt"]);
    stage.press("ctrl-a w");
    let request = stage.asked("Count");
    let (prefixes, objects) = (vec!["docs/".to_owned()], vec![wanted("a.txt")]);
    let what = Countable::Recorded { prefixes: prefixes.clone(), objects: objects.clone() };
    assert_eq!(stage.effects, [Effect::Count { request, profile: "prod".into(), what }]);
    let question = |stage: &Stage| match stage.app.dialog() {
        Some(Dialog::Beneath(dialog)) => (dialog.question.title.clone(), dialog.question.lines.clone()),
        other => panic!("no question: {other:?}"),
    };
    assert_eq!(question(&stage).0, "Write the records of docs/ and 1 object?");
    stage.press("enter");
    assert!(stage.app.dialog().is_some(), "nobody knows yet how many they are");
    let counted = Counted { objects: 5, bytes: 5 << 10, hidden: 0, recorded: 2 };
    stage.answer(request, Answer::Counted(Ok(counted)));
    let lines = question(&stage).1;
    assert_eq!(lines[0], "docs/ and 1 object: 5 objects, 5.0 KiB, 2 of them recorded already");
    assert!(lines[1].starts_with("of bucket prod-bucket, in sqlite:"), "{lines:?}");
    stage.press("y");
    let Some(Effect::Walk { walk, .. }) = stage.effects.first() else { panic!("{:?}", stage.effects) };
    assert_eq!(*walk, Walk::Record { prefixes, objects });
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn where_all_is_recorded_already_there_is_nothing_to_write() {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("w");
    let request = stage.asked("Count");
    let counted = Counted { objects: 5, bytes: 5 << 10, hidden: 0, recorded: 5 };
    stage.answer(request, Answer::Counted(Ok(counted))).press("y");
    let Some(Dialog::Beneath(dialog)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!(dialog.question.lines[0], "beneath docs/: 5 objects, 5.0 KiB, recorded already");
    assert!(!dialog.is_ready());
}

fn wanted(key: &str) -> WantedObject {
    WantedObject { key: key.into(), name: key.into(), size: Some(5), modified: None }
}
