//! Pictures in the inspector: when they are asked for, for how much room, and what is said where there is none.

use super::stage::Stage;
use crate::app::effect::{PreviewSource, Question};
use crate::app::inspector::InspectorRow;
use crate::app::message::Inspected;
use crate::app::{Answer, Effect, RequestId};
use crate::config::{Way, Where};
use crate::domain::picture::{Graphics, Picture, Protocol, Room};
use crate::domain::preview::Preview;
use crate::domain::{Failure, FailureKind, ObjectInfo};

/// The questions that the last update led to.
fn questions(stage: &Stage) -> Vec<(RequestId, Question)> {
    let of = |effect: &Effect| match effect {
        Effect::Inspect { request, question } => Some((*request, question.clone())),
        _ => None,
    };
    stage.effects.iter().filter_map(of).collect()
}

fn answer(stage: &mut Stage, request: RequestId, found: Inspected) {
    stage.answer(request, Answer::Inspected(Box::new(found)));
}

fn facts() -> Preview {
    Preview::Picture { what: "PNG picture".into(), facts: vec![("pixels".into(), "4 x 4".into())] }
}

fn picture(lines: u32) -> Picture {
    Picture::new(1, lines, &vec![7; lines as usize * 3]).unwrap()
}

/// The inspector over an object of that size, of whose first bytes it is known that they are a picture.
fn over_picture(images: Way, size: u64) -> Stage {
    let mut stage = Stage::full();
    stage.app.images = images;
    stage.press("2 i");
    let Some((head, Question::Object { key, .. })) = questions(&stage).pop() else { panic!("it is asked about") };
    let info = ObjectInfo { key, name: None, size, modified: None, etag: Some("tag".into()), content_type: None };
    answer(&mut stage, head, Inspected::Object(Ok(Some((info, None)))));
    let asked = questions(&stage)[0].0;
    answer(&mut stage, asked, Inspected::Preview(Ok(facts())));
    stage
}

/// The question about the picture, which is the only one.
fn asked(stage: &Stage) -> (RequestId, Room) {
    match questions(stage).as_slice() {
        [(request, Question::Picture { source: PreviewSource::Object { etag, .. }, room, .. })] => {
            assert_eq!(etag.as_deref(), Some("tag"), "of the version that is shown");
            (*request, *room)
        }
        other => panic!("a picture is asked for: {other:?}"),
    }
}

/// How many rows are cells of a picture, and what is remarked.
fn shown(stage: &Stage) -> (usize, String) {
    let area = stage.app.layout().inspector.unwrap();
    let rows = stage.app.inspector_rows(area.width - 4, 200);
    let blocks = rows.iter().filter(|row| matches!(row, InspectorRow::Blocks(_))).count();
    let remark = |row: &InspectorRow| if let InspectorRow::Remark(text) = row { Some(text.clone()) } else { None };
    (blocks, rows.iter().filter_map(remark).collect::<Vec<_>>().join(" "))
}

#[test]
fn a_picture_is_asked_for_once_it_is_known_to_be_one_and_for_the_room_there_is() {
    let mut stage = over_picture(Way::Blocks, 100);
    let area = stage.app.layout().inspector.unwrap();
    let (request, room) = asked(&stage);
    assert_eq!(room, Room { columns: area.width - 4, rows: (area.height - 2) / 2 });
    assert_eq!(shown(&stage), (0, "the picture is on its way …".into()));
    answer(&mut stage, request, Inspected::Picture(Ok(picture(7))));
    assert_eq!(shown(&stage), (4, String::new()));
    stage.press("J").wait(1);
    assert_eq!(questions(&stage), [], "it is there");
}

#[test]
fn zooming_asks_for_a_larger_one_and_the_old_one_stays_until_it_comes() {
    let mut stage = over_picture(Way::Blocks, 100);
    let (first, _) = asked(&stage);
    answer(&mut stage, first, Inspected::Picture(Ok(picture(8))));
    stage.press("z");
    let (second, room) = asked(&stage);
    assert_eq!(room, Room { columns: 116, rows: 30 }, "all but the borders, the heading and the fact");
    assert_eq!(shown(&stage).0, 4);
    answer(&mut stage, second, Inspected::Picture(Ok(picture(40))));
    assert_eq!(shown(&stage).0, 20);
    stage.resize(100, 30);
    assert_eq!(asked(&stage).1, Room { columns: 96, rows: 24 });
}

#[test]
fn a_picture_of_what_was_left_is_not_waited_for() {
    let mut stage = over_picture(Way::Blocks, 100);
    let (request, _) = asked(&stage);
    stage.press("j");
    assert!(stage.effects.contains(&Effect::Cancel(request)));
    answer(&mut stage, request, Inspected::Picture(Ok(picture(8))));
    assert_eq!(shown(&stage), (0, String::new()), "it comes too late");
}

#[test]
fn what_cannot_be_drawn_says_why_and_its_facts_stay() {
    let mut stage = over_picture(Way::Blocks, 100);
    let (request, _) = asked(&stage);
    let failure = Failure::new(FailureKind::Unsupported, "the picture is broken");
    answer(&mut stage, request, Inspected::Picture(Err(failure)));
    assert_eq!(shown(&stage), (0, "the picture is broken".into()));
    let area = stage.app.layout().inspector.unwrap();
    let fact = InspectorRow::Fact("pixels".into(), "4 x 4".into());
    assert!(stage.app.inspector_rows(area.width - 4, 200).contains(&fact));
}

#[test]
fn what_is_too_large_or_not_wanted_is_not_fetched() {
    let large = over_picture(Way::Blocks, (8 << 20) + 1);
    let why = "it is not drawn: at most 8.0 MiB are fetched for a preview";
    assert_eq!((questions(&large), shown(&large)), (vec![], (0, why.into())));
    assert_eq!(questions(&over_picture(Way::Blocks, 8 << 20)).len(), 1);
    let plain = over_picture(Way::Not(Some("no colours")), 100);
    assert_eq!((questions(&plain), shown(&plain)), (vec![], (0, "no colours".into())));
    let none = over_picture(Way::Not(None), 100);
    assert_eq!((questions(&none), shown(&none)), (vec![], (0, String::new())));
}

fn protocol(stage: &Stage) -> Option<Protocol> {
    match questions(stage).pop() {
        Some((_, Question::Picture { protocol, .. })) => protocol,
        other => panic!("a picture is asked for: {other:?}"),
    }
}

/// A picture of one cell, which the terminal keeps or not.
fn graphics(kept: &str) -> Graphics {
    Graphics { columns: 1, kept: kept.into(), colour: None, cells: vec!["cell".into()].into() }
}

fn answer_with(stage: &mut Stage, graphics: &Graphics) {
    let (request, _) = asked(stage);
    answer(stage, request, Inspected::Picture(Ok(picture(8).with(Some(graphics.clone())))));
}

#[test]
fn far_away_the_terminal_is_given_a_picture_only_where_it_is_alone_and_uncovered() {
    let mut stage = over_picture(Way::Pixels(Protocol::Sixel, Where::Zoomed), 100);
    assert_eq!(protocol(&stage), None, "beside a list it is half blocks");
    stage.press("z");
    assert_eq!(protocol(&stage), Some(Protocol::Sixel));
    let graphics = graphics("");
    answer_with(&mut stage, &graphics);
    assert_eq!(stage.app.graphics(), Some((2, &graphics)));
    stage.press("?");
    assert_eq!(stage.app.graphics(), None, "a dialog stands over it");
    stage.press("Esc");
    assert_eq!(stage.app.graphics(), Some((2, &graphics)));
    stage.press("Esc");
    assert_eq!((protocol(&stage), stage.app.graphics()), (None, None), "beside a list it is half blocks again");
}

#[test]
fn a_picture_that_the_terminal_keeps_stays_beneath_a_dialog_and_goes_with_its_row() {
    let mut stage = over_picture(Way::Pixels(Protocol::Kitty, Where::Anywhere), 100);
    assert_eq!(protocol(&stage), Some(Protocol::Kitty));
    let graphics = graphics("kept");
    answer_with(&mut stage, &graphics);
    let (above, shown) = stage.app.graphics().unwrap();
    assert_eq!(shown, &graphics);
    assert!(above > 2, "fields stand above it: {above}");
    stage.press("?");
    assert_eq!(stage.app.graphics(), Some((above, &graphics)));
    stage.press("Esc j");
    assert_eq!(stage.app.graphics(), None, "the cursor has moved on");
}

#[test]
fn a_picture_that_is_not_whole_in_sight_is_half_blocks() {
    let mut stage = over_picture(Way::Pixels(Protocol::Kitty, Where::Anywhere), 100);
    answer_with(&mut stage, &graphics("kept"));
    assert!(stage.app.graphics().is_some());
    stage.resize(80, 6);
    assert_eq!(stage.app.graphics(), None);
}
