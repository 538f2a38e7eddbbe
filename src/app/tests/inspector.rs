//! The inspector: what it asks and when, and what it says of record, object and file.

mod preview;

use chrono::{DateTime, TimeDelta};

use super::stage::{Stage, able, file, folder, record, transfer};
use crate::app::effect::{PreviewSource, Question};
use crate::app::inspector::{Field, InspectorRow, Tone};
use crate::app::message::Inspected;
use crate::app::{Answer, Effect, Pane, RequestId};
use crate::domain::preview::{Encoding, Ink, Lines, Next, Open, Preview, Reading};
use crate::domain::{
    Capabilities, Checksum, Failure, FailureKind, FileFacts, FileKind, ObjectInfo, Record, TransferKind, TransferState,
};

/// What the last update asked the inspector's way, by the names of the questions.
fn questions(stage: &Stage) -> Vec<(RequestId, Question)> {
    let of = |effect: &Effect| match effect {
        Effect::Inspect { request, question } => Some((*request, question.clone())),
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

fn info(key: &str, size: u64) -> ObjectInfo {
    let modified = DateTime::from_timestamp(1_700_000_000, 0);
    let (etag, content_type) = (Some("tag".into()), Some("image/png".into()));
    ObjectInfo { key: key.into(), name: None, size, modified, etag, content_type }
}

fn facts(size: u64) -> FileFacts {
    let (owner, group) = ("me".into(), "me".into());
    FileFacts {
        kind: FileKind::File,
        size: Some(size),
        modified: None,
        created: None,
        mode: 0o644,
        owner,
        group,
        names: 1,
        target: None,
    }
}

fn text(lines: usize, more: bool) -> Preview {
    let mut shown = Lines::default();
    for line in 0..lines {
        shown.push(Ink::Plain, &format!("line {line}"));
        shown.end_line();
    }
    let reading = Reading { encoding: Encoding::Utf8, language: None, open: Open::Nothing };
    Preview::Text { what: "text".into(), lines: shown, next: more.then_some(Next { from: 65_536, reading }) }
}

/// Answers the two questions about a key.
fn answer_key(stage: &mut Stage, found: Option<Record>, object: Result<(ObjectInfo, Option<Checksum>), Failure>) {
    let asked = questions(stage);
    let [(record, Question::Record { .. }), (head, Question::Object { .. })] = asked.as_slice() else {
        panic!("both sides are asked: {asked:?}")
    };
    stage.answer(*record, Answer::Inspected(Box::new(Inspected::Record(Ok(found)))));
    stage.answer(*head, Answer::Inspected(Box::new(Inspected::Object(object.map(Some)))));
}

/// Answers the one question that is open.
fn answer(stage: &mut Stage, found: Inspected) {
    let asked = questions(stage);
    assert_eq!(asked.len(), 1, "{asked:?}");
    stage.answer(asked[0].0, Answer::Inspected(Box::new(found)));
}

fn field(stage: &Stage, name: &str) -> Vec<Field> {
    stage.app.fields().into_iter().filter(|field| field.name == name).collect()
}

fn rows(stage: &Stage) -> Vec<String> {
    let text = |row| match row {
        InspectorRow::Field { name, text, .. } => format!("{name}: {text}"),
        InspectorRow::Heading(what, _) => format!("- {what}"),
        InspectorRow::Text(pieces) => pieces.into_iter().map(|(_, text)| text).collect(),
        InspectorRow::Fact(name, value) => format!("{name}: {value}"),
        InspectorRow::Hex(from, ..) => from,
        InspectorRow::Blocks(cells) => "#".repeat(cells.len()),
        InspectorRow::Remark(text) => text,
    };
    let height = stage.app.layout().inspector.unwrap().height - 2;
    stage.app.inspector_rows(50, height.into()).into_iter().map(text).collect()
}

/// The inspector over the first record, whose record and object agree.
fn inspecting() -> Stage {
    let mut stage = Stage::full();
    stage.press("2 i");
    answer_key(&mut stage, Some(record("new.png", 0)), Ok((info("new.png", 100), None)));
    stage
}

#[test]
fn it_asks_at_once_when_it_opens_and_both_sides_apart() {
    let mut stage = Stage::full();
    stage.press("2 i");
    let expected = [
        Question::Record { profile: "prod".into(), key: "new.png".into(), user_id: Some("user_1".into()) },
        Question::Object { profile: "prod".into(), key: "new.png".into() },
    ];
    assert_eq!(questions(&stage).into_iter().map(|(_, question)| question).collect::<Vec<_>>(), expected);
    assert_eq!(field(&stage, "state")[0].text, "asking …");
    assert!(stage.app.layout().inspector.is_some());
    stage.press("i");
    assert_eq!(
        stage.effects.iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count(),
        2,
        "nobody waits now"
    );
    assert!(stage.app.inspector().is_none() && stage.app.layout().inspector.is_none());
}

#[test]
fn a_cursor_that_moves_on_is_asked_about_only_where_it_rests() {
    let mut stage = inspecting();
    stage.press("j").pause(100).press("j");
    assert_eq!(questions(&stage), [], "it has not rested");
    assert_eq!(stage.wakes_at(), Some(stage.now() + TimeDelta::milliseconds(150)));
    stage.pause(150).wait(0);
    assert!(matches!(&questions(&stage)[0].1, Question::Record { key, .. } if key == "old.pdf"));
    stage.press("k");
    assert_eq!(stage.effects.iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count(), 2);
}

#[test]
fn an_answer_about_a_row_that_was_left_is_dropped() {
    let mut stage = Stage::full();
    stage.press("2 i");
    let asked = questions(&stage);
    stage.press("j");
    stage.answer(asked[0].0, Answer::Inspected(Box::new(Inspected::Record(Ok(Some(record("new.png", 0)))))));
    assert_eq!(field(&stage, "key")[0].text, "mid.txt");
    assert_eq!(field(&stage, "user"), []);
}

#[test]
fn record_and_object_that_agree_are_one_list() {
    let stage = inspecting();
    let state = &field(&stage, "state")[0];
    assert_eq!((state.text.as_str(), state.tone), ("record and object agree", Tone::Good));
    let names: Vec<_> = stage.app.fields().iter().map(|field| field.name).collect();
    let expected = ["key", "state", "size", "type", "modified", "etag", "checksum", "uploaded", "user", "id", "links"];
    assert_eq!(names, expected);
}

#[test]
fn only_links_that_there_are_are_offered() {
    for (public_url, offered) in
        [(Ok(()), "yl copies one that expires, yp the public URL"), (Err("it has none"), "yl copies one that expires")]
    {
        let mut stage = Stage::described(Capabilities { public_url, ..able() });
        stage.press("2 i");
        assert_eq!(field(&stage, "links")[0].text, offered);
    }
}

#[test]
fn what_record_and_object_differ_in_is_named_with_both_values() {
    let mut stage = Stage::full();
    stage.press("2 i");
    let ours = Record { etag: Some("older".into()), checksum: Some(Checksum::md5("a")), ..record("new.png", 0) };
    answer_key(&mut stage, Some(ours), Ok((info("new.png", 2048), Some(Checksum::crc64nvme("b")))));
    let state = &field(&stage, "state")[0];
    assert_eq!((state.text.as_str(), state.tone), ("record and object differ: size, etag", Tone::Differs));
    let sizes: Vec<_> = field(&stage, "size").into_iter().map(|field| field.text).collect();
    assert_eq!(sizes, ["100 B in the record", "2.0 KiB (2,048 bytes) in the bucket"]);
    let etags: Vec<_> = field(&stage, "etag").into_iter().map(|field| field.value.unwrap()).collect();
    assert_eq!(etags, ["older", "tag"], "what is copied is the value alone");
    assert_eq!(field(&stage, "type").len(), 1);
}

#[test]
fn what_only_one_side_has_is_said() {
    let mut stage = Stage::full();
    stage.press("2 i");
    let gone = Failure::new(FailureKind::NotFound, "there is no object");
    answer_key(&mut stage, Some(record("new.png", 0)), Err(gone));
    assert_eq!(field(&stage, "state")[0].text, "no object: the record alone is there");
    assert_eq!(questions(&stage), [], "what is not there has no bytes to show");
    let mut stage = Stage::full();
    stage.press("2 i");
    answer_key(&mut stage, None, Ok((info("new.png", 1), None)));
    assert_eq!(field(&stage, "state")[0].text, "no record: the object alone is there");
    let mut stage = Stage::full();
    stage.press("2 i");
    answer_key(&mut stage, Some(record("new.png", 0)), Err(Failure::new(FailureKind::Offline, "no way")));
    assert_eq!((field(&stage, "object")[0].tone, field(&stage, "user").len()), (Tone::Failed, 1));
}

#[test]
fn a_local_file_tells_its_facts_and_shows_its_bytes() {
    let mut stage = Stage::full();
    stage.press("j i");
    answer(&mut stage, Inspected::File(Ok(facts(10))));
    assert_eq!(field(&stage, "rights")[0].text, "rw-r--r-- (644)");
    let source = PreviewSource::File { path: "/home/me/a.txt".into(), size: 10 };
    assert_eq!(questions(&stage)[0].1, Question::Preview { source, next: None });
    answer(&mut stage, Inspected::Preview(Err(Failure::new(FailureKind::Local, "cannot read it"))));
    assert!(rows(&stage).contains(&"cannot read it".to_owned()));
}

#[test]
fn folders_prefixes_and_the_way_up_have_no_bytes() {
    let mut stage = Stage::full();
    stage.press("i");
    answer(&mut stage, Inspected::File(Ok(FileFacts { kind: FileKind::Folder, size: None, ..facts(0) })));
    assert_eq!((questions(&stage), field(&stage, "kind")[0].text.as_str()), (vec![], "folder"));
    stage.press("k");
    assert_eq!(rows(&stage), [": nothing under the cursor"]);
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("i");
    assert_eq!((questions(&stage), field(&stage, "prefix")[0].text.as_str()), (vec![], "docs/"));
}

#[test]
fn any_field_is_copied_by_its_value() {
    let mut stage = inspecting();
    stage.press("y f j j j enter");
    let copied = stage.effects.iter().find_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text.expose().to_owned()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("2023-11-14T22:13:20+00:00"));
    stage.press("i y f");
    assert_eq!(stage.said().last().unwrap(), &"field: i opens the inspector first");
}

#[test]
fn it_follows_the_pane_of_files_that_had_the_focus_last() {
    let mut stage = inspecting();
    stage.press("3");
    assert_eq!(field(&stage, "key")[0].text, "new.png");
    stage.press("1").pause(200).wait(0);
    assert!(matches!(&questions(&stage)[0].1, Question::File(path) if path.ends_with("sub")));
    assert_eq!(stage.app.focus(), Pane::Local);
}

#[test]
fn it_asks_again_on_refresh_and_when_a_transfer_has_changed_what_it_shows() {
    let mut stage = inspecting();
    stage.press("R");
    assert_eq!(questions(&stage).len(), 2);
    answer_key(&mut stage, Some(record("new.png", 0)), Ok((info("new.png", 100), None)));
    for (number, key) in [(1, "other.png"), (2, "new.png")] {
        stage.queue(vec![transfer(number, TransferKind::Upload, TransferState::Sending, key)]);
        stage.queue(vec![transfer(number, TransferKind::Upload, TransferState::Done, key)]);
        assert_eq!(questions(&stage).len(), if key == "new.png" { 2 } else { 0 }, "{key}");
    }
}

#[test]
fn no_size_and_no_content_make_it_fail() {
    let mut stage = Stage::new();
    stage.answer_folder(vec![folder("sub"), file("a", 1)]);
    stage.press("j j i");
    answer(&mut stage, Inspected::File(Ok(facts(10))));
    answer(&mut stage, Inspected::Preview(Ok(text(40, true))));
    for (width, height) in [(0, 0), (1, 1), (3, 3), (5, 200), (200, 5), (72, 16), (139, 17), (140, 16)] {
        stage.resize(width, height);
        for keys in ["J", "K", "z", "G", "ctrl-d", "g g", "esc"] {
            stage.press(keys);
            stage.app.inspector_rows(width, height.into());
        }
        assert!(stage.app.inspector().is_some());
    }
}

#[test]
fn a_zoomed_pane_elsewhere_does_not_hide_an_inspector_that_goes_on_asking() {
    let mut stage = Stage::full();
    stage.press("2 i 3 z");
    assert!(stage.app.layout().inspector.is_none());
    stage.press("2");
    assert!(stage.app.layout().inspector.is_some(), "what asks is seen");
}

#[test]
fn rows_that_go_under_the_inspector_are_not_each_asked_about() {
    let mut stage = Stage::in_bucket(&["a.txt", "b.txt", "c.txt"]);
    stage.press("2 g g i").pause(200).wait(0);
    let gone = |id, key| transfer(id, TransferKind::Delete, TransferState::Done, key);
    let going = |id, key| transfer(id, TransferKind::Delete, TransferState::Deleting, key);
    for (id, key) in [(1, "a.txt"), (2, "b.txt")] {
        stage.queue(vec![going(id, key)]).pause(100).queue(vec![gone(id, key)]).pause(500).wait(0);
        assert_eq!(questions(&stage), [], "the next one may go as well");
    }
    stage.wait(1);
    assert!(!questions(&stage).is_empty(), "it stays");
}

#[test]
fn a_file_that_changes_in_the_list_is_asked_about_again_and_shown_until_then() {
    let mut stage = Stage::new();
    stage.answer_folder(vec![file("notes.txt", 12)]);
    let watch = stage.asked("WatchFolder");
    stage.press("1 j i");
    answer(&mut stage, Inspected::File(Ok(facts(12))));
    answer(&mut stage, Inspected::Preview(Ok(text(2, false))));
    stage.answer(watch, Answer::FolderChanged).wait(1).answer_folder(vec![file("notes.txt", 44)]);
    assert_eq!(field(&stage, "size")[0].text, "12 B", "until the answer is there");
    assert!(rows(&stage).iter().any(|row| row == "line 1"));
    answer(&mut stage, Inspected::File(Ok(facts(44))));
    assert_eq!(field(&stage, "size")[0].text, "44 B");
    answer(&mut stage, Inspected::Preview(Ok(text(3, false))));
    assert!(rows(&stage).iter().any(|row| row == "line 2"));
}

#[test]
fn a_file_that_stays_as_it_is_in_the_list_is_asked_about_once() {
    let mut stage = Stage::new();
    stage.answer_folder(vec![file("notes.txt", 12)]);
    let watch = stage.asked("WatchFolder");
    stage.press("1 j i");
    answer(&mut stage, Inspected::File(Ok(facts(12))));
    stage.answer(watch, Answer::FolderChanged).wait(1).answer_folder(vec![file("a", 1), file("notes.txt", 12)]);
    assert_eq!(questions(&stage), []);
}
