//! The pane Local, and what all lists have in common.

use super::stage::{Stage, file, folder};
use crate::action::Action;
use crate::app::effect::WantedRecords;
use crate::app::{Answer, Dialog, Effect, Pane};
use crate::domain::{Failure, FailureKind, FileEntry, FileKind, LinkTarget};

#[test]
fn the_start_asks_for_the_folder_and_the_first_records() {
    let stage = Stage::new();
    assert_eq!(
        stage.effects,
        [
            Effect::ListFolder { request: stage.asked("ListFolder"), path: "/home/me".into() },
            Effect::LoadRecords {
                request: stage.asked("LoadRecords"),
                profile: "prod".into(),
                wanted: WantedRecords { user_id: Some("user_1".into()), ..WantedRecords::default() },
                after: None,
                limit: 200
            },
            Effect::Describe { request: stage.asked("Describe"), profile: "prod".into() },
            // The database may be asleep: the header says so after a second.
            Effect::WakeAt(stage.now() + chrono::TimeDelta::seconds(1)),
        ]
    );
}

#[test]
fn folders_come_first_and_hidden_files_on_request() {
    let mut stage = Stage::full();
    assert_eq!(stage.local(), ["..", "sub", "a.txt", "b.png"]);
    stage.press(".");
    assert_eq!(stage.local(), ["..", "sub", ".hidden", "a.txt", "b.png"]);
}

#[test]
fn going_up_puts_the_cursor_on_the_folder_that_was_left() {
    let mut stage = Stage::full();
    stage.press("h");
    assert_eq!(stage.effects, [Effect::ListFolder { request: stage.asked("ListFolder"), path: "/home".into() }]);
    assert_eq!(stage.local_cursor(), "sub", "nothing changes before the answer");
    stage.answer_folder(vec![folder("guest"), folder("me")]);
    assert_eq!((stage.app.browser().folder().to_str(), stage.local_cursor().as_str()), (Some("/home"), "me"));
}

#[test]
fn a_link_to_a_folder_can_be_entered_and_a_file_is_looked_into() {
    let mut stage = Stage::new();
    let link = FileEntry { kind: FileKind::Symlink(LinkTarget::Folder), ..folder("link") };
    stage.answer_folder(vec![link, file("x", 1)]);
    stage.press("l");
    assert_eq!(
        stage.effects,
        [Effect::ListFolder { request: stage.asked("ListFolder"), path: "/home/me/link".into() }]
    );
    stage.press("G enter");
    assert_eq!((stage.asked_if("ListFolder"), stage.said()), (None, vec![]));
    assert!(stage.app.inspector().is_some_and(|inspector| !inspector.is_zoomed()));
    stage.press("enter");
    assert!(stage.app.inspector().is_some_and(crate::app::Inspector::is_zoomed), "once more: its preview alone");
}

#[test]
fn a_folder_that_cannot_be_read_leaves_everything_as_it_was() {
    let mut stage = Stage::full();
    stage.press("l");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Err(Failure::new(FailureKind::Local, "cannot read sub: permission denied"))));
    assert_eq!(stage.app.browser().folder().to_str(), Some("/home/me"));
    assert_eq!((stage.local_cursor().as_str(), stage.said()[0]), ("sub", "cannot read sub: permission denied"));
    assert!(stage.app.disabled(Action::Back).is_some(), "a place that was never left is not behind");
}

#[test]
fn a_newer_folder_cancels_the_older_and_its_late_answer_is_dropped() {
    let mut stage = Stage::full();
    stage.press("l");
    let first = stage.asked("ListFolder");
    stage.press("h");
    assert_eq!(stage.effects[0], Effect::Cancel(first));
    let second = stage.asked("ListFolder");
    stage.answer(first, Answer::Folder(Ok(vec![file("late", 1)])));
    assert_eq!(stage.app.browser().folder().to_str(), Some("/home/me"));
    stage.answer(second, Answer::Folder(Ok(vec![folder("sub"), file("new", 1)])));
    let shown = stage.app.browser().folder().to_str();
    assert_eq!((shown, stage.local()), (Some("/home/me"), vec!["..".into(), "sub".into(), "new".into()]));
    assert_eq!(stage.local_cursor(), "sub", "above the folder that was on its way");
    assert!(stage.app.disabled(Action::Back).is_some(), "it was never left");
}

#[test]
fn a_refresh_keeps_cursor_marks_and_filter_by_name() {
    let mut stage = Stage::full();
    stage.press("G space k").type_text("/.");
    stage.press("enter R");
    let mut entries = vec![folder("sub"), file("a.txt", 10), file("aa.txt", 1), file("b.png", 2048)];
    entries.insert(0, folder("new"));
    stage.answer_folder(entries);
    let list = stage.app.browser().list();
    assert_eq!((stage.local(), list.filter()), (vec!["a.txt".into(), "aa.txt".into(), "b.png".into()], "."));
    assert_eq!((stage.local_cursor().as_str(), list.marked(), list.is_marked(2)), ("a.txt", 1, true));
}

#[test]
fn a_folder_that_others_change_is_read_again_and_cursor_marks_and_filter_stay() {
    let mut stage = Stage::new();
    stage.pause(300).answer_folder(vec![folder("sub"), file("a.txt", 10), file("b.png", 2048)]);
    let Some(Effect::WatchFolder { path, since, every, each, .. }) =
        stage.effects.iter().find(|effect| is_watch(effect))
    else {
        panic!("{:?}", stage.effects)
    };
    assert!(each, "a file that grows is seen, too");
    let asked = stage.now() - chrono::TimeDelta::milliseconds(300);
    assert_eq!((path.to_str(), *since, every.as_secs()), (Some("/home/me"), asked, 6), "slow disks more seldom");
    let watch = stage.asked("WatchFolder");
    stage.press("G space k");
    stage.answer(watch, Answer::FolderChanged).wait(1);
    stage.answer_folder(vec![folder("sub"), file("a.txt", 10), file("aa.txt", 1), file("b.png", 2048)]);
    let list = stage.app.browser().list();
    assert_eq!((stage.local_cursor().as_str(), list.marked(), list.is_marked(4)), ("a.txt", 1, true));
    assert_ne!(stage.asked("WatchFolder"), watch, "and it is watched again");
}

fn is_watch(effect: &Effect) -> bool {
    matches!(effect, Effect::WatchFolder { .. })
}

#[test]
fn only_the_folder_that_is_shown_is_watched_also_one_that_cannot_be_read() {
    let mut stage = Stage::new();
    stage.answer_folder(vec![folder("sub")]);
    let first = stage.asked("WatchFolder");
    stage.press("j l");
    assert!(!stage.effects.contains(&Effect::Cancel(first)), "until the next has been read");
    stage.answer_folder(vec![file("x", 1)]);
    assert!(stage.effects.contains(&Effect::Cancel(first)));
    let second = stage.asked("WatchFolder");
    stage.press("h");
    let request = stage.asked("ListFolder");
    let gone = || Answer::Folder(Err(Failure::new(FailureKind::NotFound, "it is not there")));
    stage.answer(request, gone());
    assert_eq!(stage.asked_if("WatchFolder"), None, "what is shown is watched on");
    stage.answer(second, Answer::FolderChanged).wait(1);
    let request = stage.asked("ListFolder");
    stage.answer(request, gone());
    stage.asked("WatchFolder");
}

#[test]
fn whoever_stops_reading_still_hears_of_the_next_change() {
    let mut stage = Stage::full();
    stage.press("R esc");
    stage.asked("WatchFolder");
    let mut stage = Stage::new();
    stage.press("esc");
    let watch = stage.asked("WatchFolder");
    stage.answer(watch, Answer::FolderChanged).wait(1).asked("ListFolder");
}

/// Enters a folder that cannot be read.
fn enter_in_vain(stage: &mut Stage) {
    stage.press("l");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Err(Failure::new(FailureKind::Local, "permission denied"))));
    assert_eq!(stage.said(), ["permission denied"]);
}

/// Whether the last update has the folder read again that is shown.
fn reads_again(stage: &Stage) -> bool {
    let shown = stage.app.browser().folder();
    stage.effects.iter().any(|effect| matches!(effect, Effect::ListFolder { path, .. } if path == shown))
}

#[test]
fn a_change_is_read_though_another_folder_was_tried_in_vain_meanwhile() {
    for seconds in [0, 1] {
        let mut stage = Stage::full();
        let watch = stage.asked("WatchFolder");
        stage.answer(watch, Answer::FolderChanged).wait(seconds);
        assert_eq!(reads_again(&stage), seconds == 1);
        enter_in_vain(&mut stage);
        assert!(reads_again(stage.wait(1)));
        stage.answer_folder(vec![file("came", 1)]).asked("WatchFolder");
        assert!(!reads_again(stage.wait(1)), "once");
    }
}

#[test]
fn a_change_whose_reading_was_stopped_is_still_to_come_and_the_list_as_old_as_it_is() {
    let mut stage = Stage::new();
    stage.pause(300).answer_folder(vec![folder("sub")]);
    let (watch, read_at) = (stage.asked("WatchFolder"), stage.app.browser().read_at());
    stage.answer(watch, Answer::FolderChanged).wait(5).pause(7_000).press("R esc");
    assert_eq!((stage.app.browser().read_at(), stage.app.browser().going()), (read_at, None));
    let watch = stage.effects.iter().find(|effect| is_watch(effect));
    let Some(Effect::WatchFolder { since, every, .. }) = watch else { panic!("{:?}", stage.effects) };
    assert_eq!((Some(*since), every.as_secs()), (read_at, 6), "what came before is still found");
    assert!(!reads_again(stage.wait(5)), "not before somebody has looked again");
}

#[test]
fn back_and_forward_return_to_where_the_cursor_was() {
    let mut stage = Stage::full();
    stage.press("l").answer_folder(vec![file("inside", 1)]);
    stage.press("H").answer_folder(vec![folder("sub"), file("a.txt", 10)]);
    assert_eq!(stage.local_cursor(), "sub");
    stage.press("L").answer_folder(vec![file("inside", 1)]);
    assert_eq!(stage.app.browser().folder().to_str(), Some("/home/me/sub"));
}

#[test]
fn the_filter_narrows_as_it_is_typed_and_esc_takes_it_back() {
    let mut stage = Stage::full();
    stage.press("/").type_text("PN");
    assert_eq!(stage.local(), ["b.png"]);
    stage.press("backspace backspace");
    assert_eq!(stage.local().len(), 4);
    stage.type_text("txt").press("enter");
    assert!(stage.app.typing().is_none());
    assert_eq!(stage.local(), ["a.txt"]);
    stage.press("esc");
    assert_eq!(stage.local(), ["..", "sub", "a.txt", "b.png"]);
}

#[test]
fn while_a_filter_is_typed_keys_are_text() {
    let mut stage = Stage::full();
    stage.press("/").type_text("q D");
    assert_eq!(stage.app.typing().unwrap().line().value(), "q D");
    assert_eq!(stage.effects, []);
}

#[test]
fn marks_step_down_and_a_range_marks_what_is_between() {
    let mut stage = Stage::full();
    stage.press("space space");
    assert_eq!((stage.app.list().marked(), stage.local_cursor().as_str()), (2, "b.png"));
    stage.press("esc");
    assert_eq!(stage.app.list().marked(), 0);
    stage.press("G V k k");
    assert_eq!(stage.app.list().marked(), 3);
    stage.press("V j j");
    assert_eq!((stage.app.list().marked(), stage.app.list().is_marking_range()), (3, false));
    stage.press("esc ctrl-a");
    assert_eq!((stage.app.list().marked(), stage.app.list().is_marked(0)), (3, false), "the row .. has no mark");
    stage.press("ctrl-a");
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn a_range_that_is_given_up_marks_nothing() {
    let mut stage = Stage::full();
    stage.press("V j esc");
    assert_eq!(stage.app.list().marked(), 0);
}

#[test]
fn sorting_twice_turns_the_order_round_and_folders_stay_first() {
    let mut stage = Stage::full();
    stage.press("G o s");
    assert_eq!(stage.local(), ["..", "sub", "a.txt", "b.png"]);
    stage.press("o s");
    assert_eq!(stage.local(), ["..", "sub", "b.png", "a.txt"]);
    assert_eq!(stage.local_cursor(), "b.png");
    stage.press("o t");
    assert_eq!(stage.local(), ["..", "sub", "b.png", "a.txt"]);
}

#[test]
fn keys_of_a_sequence_are_shown_with_what_may_follow() {
    let mut stage = Stage::full();
    stage.press("o");
    assert_eq!(stage.app.pending(), "o");
    let hints: Vec<_> = stage.app.hints().iter().map(|hint| format!("{} {}", hint.keys, hint.text)).collect();
    assert_eq!(hints, ["n by name", "s by size", "d by date", "t by type"]);
    stage.press("x");
    assert_eq!((stage.app.pending(), stage.said()[0]), (String::new(), "ox means nothing here; ? shows the keys"));
}

#[test]
fn bookmarks_come_back() {
    let mut stage = Stage::full();
    stage.press("m x h").answer_folder(vec![folder("me")]);
    stage.press("' x");
    assert_eq!(stage.effects, [Effect::ListFolder { request: stage.asked("ListFolder"), path: "/home/me".into() }]);
    stage.press("' y");
    assert_eq!(stage.said().last(), Some(&"Local remembers nothing under y: my does that; Remote has its own letters"));
}

#[test]
fn the_cursor_is_always_on_the_screen() {
    let mut stage = Stage::new();
    stage.answer_folder((0..500).map(|number| file(&format!("{number:03}"), 1)).collect());
    for keys in ["G", "ctrl-u", "g g", "pagedown", "ctrl-d", "k", "end", "ctrl-b"] {
        stage.press(keys);
        let list = stage.app.browser().list();
        assert!((list.offset()..list.offset() + list.page()).contains(&list.cursor()), "{keys}");
    }
    stage.press("G").resize(80, 24);
    let list = stage.app.browser().list();
    assert_eq!(list.offset() + list.page(), list.len());
}

#[test]
fn panes_are_reached_by_tab_and_number_and_zoomed() {
    let mut stage = Stage::full();
    stage.press("tab tab");
    assert_eq!(stage.app.focus(), Pane::Transfers);
    stage.press("shift-tab");
    assert_eq!(stage.app.focus(), Pane::Remote);
    stage.press("1 z");
    assert!(stage.app.layout().remote.is_none());
    stage.press("esc");
    assert!(stage.app.layout().remote.is_some());
}

#[test]
fn on_a_narrow_screen_tab_brings_the_other_pane() {
    let mut stage = Stage::full();
    stage.resize(40, 10);
    assert!(stage.app.layout().local.is_some() && stage.app.layout().remote.is_none());
    stage.press("tab");
    assert!(stage.app.layout().local.is_none() && stage.app.layout().remote.is_some());
    stage.press("tab");
    assert!(stage.app.layout().transfers.is_some());
}

#[test]
fn a_hundred_thousand_entries_are_walked_and_filtered() {
    let mut stage = Stage::new();
    stage.answer_folder((0..100_000).map(|number| file(&format!("image-{number:06}.png"), number)).collect());
    stage.press("/").type_text("0999").press("enter");
    assert_eq!(stage.app.list().len(), 120);
}

#[test]
fn two_steps_up_in_one_burst_go_up_twice() {
    let mut stage = Stage::full();
    stage.press("h h");
    let request = stage
        .effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::ListFolder { request, path } if path.as_os_str() == "/" => Some(*request),
            _ => None,
        })
        .unwrap();
    stage.answer(request, Answer::Folder(Ok(vec![folder("etc"), folder("home")])));
    assert_eq!((stage.app.browser().folder().to_str(), stage.local_cursor().as_str()), (Some("/"), "home"));
    stage.press("h");
    assert_eq!(stage.said(), ["there is nothing above"]);
}

#[test]
fn what_is_marked_is_weighed_as_the_marks_change() {
    let mut stage = Stage::full();
    let weight = |stage: &Stage| stage.app.list().marked_weight().bytes;
    stage.press("ctrl-a");
    assert_eq!(weight(&stage), 2058);
    assert!(stage.app.list().marked_weight().at_least, "nobody knows what is in the folder");
    stage.press("g g j j space");
    assert_eq!(weight(&stage), 2048);
    stage.press("R").answer_folder(vec![file("b.png", 5), file("c", 1)]);
    assert_eq!((stage.app.list().marked(), weight(&stage)), (1, 5));
    assert!(!stage.app.list().marked_weight().at_least);
    stage.press("esc g g V j j");
    assert_eq!(weight(&stage), 6);
    stage.press("esc");
    assert_eq!(weight(&stage), 0);
}

#[test]
fn a_digit_that_is_meant_as_a_count_says_that_there_are_none() {
    let mut stage = Stage::full();
    stage.press("9 j");
    assert_eq!(
        (stage.said(), stage.local_cursor().as_str()),
        (vec!["no key takes a count: ^d ^f and G go further"], "a.txt")
    );
}

#[test]
fn a_sequence_that_was_begun_does_not_swallow_the_key_behind_which_words_are_typed() {
    let mut stage = Stage::full();
    stage.press("y :").type_text("profile");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Palette(_))), "{:?}", stage.app.dialog());
    stage.press("esc g ?");
    assert!(stage.app.dialog().is_some(), "{:?}", stage.said());
}
