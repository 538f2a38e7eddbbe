//! The inspector's preview: which bytes are asked for and when, how it is scrolled, and what it takes the place of.

use crossterm::event::{Event, KeyModifiers, MouseEvent, MouseEventKind};

use super::super::stage::{Stage, record};
use super::{answer, answer_key, facts, field, info, inspecting, questions, rows, text};
use crate::app::effect::{PreviewSource, Question};
use crate::app::inspector::InspectorRow;
use crate::app::message::Inspected;
use crate::domain::preview::Next;
use crate::domain::{Failure, FailureKind, FileFacts, FileKind};

#[test]
fn the_bytes_are_asked_for_once_it_is_known_which() {
    let mut stage = inspecting();
    let object = PreviewSource::Object {
        profile: "prod".into(),
        key: "new.png".into(),
        name: "new.png".into(),
        etag: Some("tag".into()),
        size: 100,
    };
    assert_eq!(questions(&stage)[0].1, Question::Preview { source: object, next: None });
    assert!(rows(&stage).contains(&"- reading …".to_owned()));
    answer(&mut stage, Inspected::Preview(Ok(text(2, false))));
    let shown = rows(&stage);
    assert_eq!(shown[shown.len() - 3..], ["- text", "line 0", "line 1"]);
}

#[test]
fn scrolling_reads_on_as_far_as_four_windows() {
    let mut stage = inspecting();
    answer(&mut stage, Inspected::Preview(Ok(text(500, true))));
    assert_eq!(questions(&stage), [], "the end is far away");
    stage.press("z G");
    for window in 2..=4 {
        assert!(matches!(questions(&stage)[0].1, Question::Preview { next: Some(Next { from: 65_536, .. }), .. }));
        answer(&mut stage, Inspected::Preview(Ok(text(500, true))));
        stage.press("G");
        assert!(rows(&stage).contains(&"line 499".to_owned()), "window {window}");
    }
    assert_eq!(questions(&stage), []);
    assert_eq!(rows(&stage).last().unwrap(), "the first 256 KiB; there is more");
}

#[test]
fn what_was_read_stays_where_reading_on_fails() {
    let mut stage = inspecting();
    answer(&mut stage, Inspected::Preview(Ok(text(40, true))));
    assert!(matches!(questions(&stage)[0].1, Question::Preview { next: Some(_), .. }), "the end is near");
    answer(&mut stage, Inspected::Preview(Err(Failure::new(FailureKind::Changed, "it was replaced"))));
    stage.press("z G");
    let shown = rows(&stage);
    assert_eq!(shown[shown.len() - 2..], ["line 39", "it was replaced"]);
    assert_eq!(questions(&stage), []);
}

#[test]
fn a_zoomed_preview_takes_the_keys_of_lists() {
    let mut stage = inspecting();
    answer(&mut stage, Inspected::Preview(Ok(text(300, false))));
    stage.press("J");
    assert!(rows(&stage)[0].starts_with("etag"), "five rows further: {:?}", rows(&stage));
    stage.press("K z");
    assert_eq!((rows(&stage)[0].as_str(), stage.app.layout().remote), ("- text", None));
    stage.press("j j");
    assert_eq!((rows(&stage)[0].as_str(), stage.remote_cursor().as_str()), ("line 1", "new.png"));
    stage.press("G");
    assert_eq!(rows(&stage).last().unwrap(), "line 299", "the last page is full: {:?}", rows(&stage).len());
    stage.press("g g ctrl-f");
    assert_eq!(rows(&stage)[0], "line 31");
    stage.press("esc");
    assert!(stage.app.layout().remote.is_some() && stage.app.inspector().is_some());
    stage.press("esc");
    assert!(stage.app.inspector().is_none());
}

#[test]
fn where_there_are_no_bytes_a_zoomed_preview_tells_what_is_known() {
    let mut stage = Stage::full();
    stage.press("i");
    answer(&mut stage, Inspected::File(Ok(FileFacts { kind: FileKind::Folder, size: None, ..facts(0) })));
    stage.press("z");
    assert!(rows(&stage).contains(&"kind: folder".to_owned()), "{:?}", rows(&stage));
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("i z");
    assert!(rows(&stage).contains(&"prefix: docs/".to_owned()), "{:?}", rows(&stage));
}

#[test]
fn the_wheel_scrolls_it_and_leaves_the_list_alone() {
    let mut stage = inspecting();
    answer(&mut stage, Inspected::Preview(Ok(text(300, false))));
    let area = stage.app.layout().inspector.unwrap();
    let kind = MouseEventKind::ScrollDown;
    stage.event(Event::Mouse(MouseEvent { kind, column: area.x + 3, row: area.y + 3, modifiers: KeyModifiers::NONE }));
    assert!(rows(&stage)[0].starts_with("type"), "three rows further: {:?}", rows(&stage));
    assert_eq!(stage.remote_cursor(), "new.png");
}

#[test]
fn on_a_low_screen_few_fields_stay_above_the_preview_and_all_are_a_key_away() {
    let mut stage = inspecting();
    answer(&mut stage, Inspected::Preview(Ok(text(300, false))));
    stage.resize(80, 24);
    let hint = |stage: &Stage| {
        let rows = stage.app.inspector_rows(50, 17);
        rows.iter().find_map(|row| if let InspectorRow::Heading(_, hint) = row { Some(hint.clone()) } else { None })
    };
    let few = ["key: new.png", "size: 100 B · image/png", "state: record and object agree", "- text", "line 0"];
    let is_few = |stage: &Stage| few.iter().zip(rows(stage)).all(|(begins, row)| row.starts_with(begins));
    assert!(is_few(&stage), "{:?}", rows(&stage));
    assert_eq!(hint(&stage).as_deref(), Some("K all 11 facts"));
    assert_eq!(stage.app.fields().len(), 11, "and any of them is copied");
    stage.press("K");
    assert!(rows(&stage)[5].starts_with("etag"), "{:?}", rows(&stage));
    assert_eq!(hint(&stage).as_deref(), Some(""));
    stage.press("J J J");
    assert!(rows(&stage)[0].starts_with("line"), "{:?}", rows(&stage));
    stage.press("R");
    assert_eq!(hint(&stage), None, "whoever asked for all of them has them from then on: {:?}", rows(&stage));
    answer_key(&mut stage, Some(record("new.png", 0)), Ok((info("new.png", 100), None)));
    answer(&mut stage, Inspected::Preview(Ok(text(300, false))));
    assert!(rows(&stage)[5].starts_with("etag"), "{:?}", rows(&stage));
    stage.press("z z");
    assert!(is_few(&stage), "{:?}", rows(&stage));
    stage.resize(40, 10);
    assert_eq!(rows(&stage)[2..], ["- text", "line 0", "line 1", "line 2"]);
    stage.press("J");
    assert_eq!(rows(&stage)[0], "line 2", "five rows further");
}

#[test]
fn enter_looks_into_a_file_and_once_more_shows_its_contents_alone() {
    let mut stage = Stage::full();
    stage.press("2 enter");
    assert_eq!(stage.app.inspector().map(crate::app::Inspector::is_zoomed), Some(false));
    answer_key(&mut stage, Some(record("new.png", 0)), Ok((info("new.png", 100), None)));
    stage.press("enter");
    assert_eq!(stage.app.inspector().map(crate::app::Inspector::is_zoomed), Some(true));
    stage.press("enter esc esc");
    assert!(stage.app.inspector().is_none());
    let mut stage = Stage::in_bucket(&["docs/", "a.txt"]);
    stage.press("j enter");
    assert_eq!(field(&stage, "key")[0].text, "a.txt");
}
