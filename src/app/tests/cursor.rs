//! The cursor while lists change under it: it stays on its row, and where that is gone, at its place.

use super::stage::{Stage, file, record, transfer};
use crate::domain::{FileEntry, RecordPage, TransferKind, TransferState};

fn files(numbers: impl IntoIterator<Item = u32>) -> Vec<FileEntry> {
    numbers.into_iter().map(|number| file(&format!("{number:02}.txt"), 1)).collect()
}

/// Files `00.txt` to `19.txt`, of which only those are shown that the filter leaves, the cursor on one of them.
fn on(filter: &str, name: &str) -> Stage {
    let mut stage = Stage::new();
    stage.answer_folder(files(0..20));
    stage.press("/").type_text(filter).press("enter");
    while stage.local_cursor() != name {
        stage.press("j");
    }
    stage
}

#[test]
fn where_the_row_under_the_cursor_is_gone_it_is_on_the_next_one() {
    for filter in ["", ".txt"] {
        let mut stage = on(filter, "07.txt");
        stage.press("R").answer_folder(files((0..20).filter(|number| *number != 7)));
        assert_eq!(stage.local_cursor(), "08.txt", "one is gone; filtered by {filter:?}");
        let mut stage = on(filter, "07.txt");
        stage.press("R").answer_folder(files((1..30).filter(|number| !(3..=9).contains(number))));
        assert_eq!(stage.local_cursor(), "10.txt", "others are gone as well; filtered by {filter:?}");
    }
}

#[test]
fn where_nothing_is_left_behind_it_is_on_the_one_before() {
    for filter in ["", ".txt"] {
        let mut stage = on(filter, "19.txt");
        let mut entries = files(0..18);
        entries.extend([file(".a.txt", 1), file("..b.txt", 1)]);
        stage.press(".").press("R").answer_folder(entries);
        assert_eq!(stage.local_cursor(), "17.txt", "filtered by {filter:?}");
        stage.press("R").answer_folder(vec![file("other.txt", 1)]);
        assert_eq!(stage.local_cursor(), "other.txt", "nothing of what was near is left");
    }
}

#[test]
fn a_page_that_leaves_less_room_for_what_is_alike_does_not_send_the_cursor_to_the_top() {
    let mut stage = Stage::full();
    stage.press("2 v").answer_objects(&["ab", "abc", "xa-b"], Some("more"));
    let page = stage.asked("ListBucket");
    stage.press("/").type_text("ab").press("tab j j");
    assert_eq!(stage.remote_cursor(), "xa-b");
    let keys: Vec<String> = (0..50).map(|number| format!("yab{number:02}")).collect();
    let entries = keys.iter().map(|key| super::stage::listed(key)).collect();
    let page_of_hits = crate::domain::ListPage { entries, next: None };
    stage.answer(page, crate::app::Answer::Objects(Ok(page_of_hits)));
    assert_eq!(stage.remote().len(), 52, "nothing that is merely alike");
    assert_eq!(stage.remote_cursor(), "abc");
}

#[test]
fn of_many_that_are_deleted_around_the_cursor_the_next_that_stays_has_it() {
    let mut stage = Stage::new();
    let records = (0..100).map(|number| record(&format!("key-{number:02}"), number)).collect();
    stage.answer_page(RecordPage { records, ..RecordPage::default() });
    stage.press("2").press("j j j j j");
    let view = |state| {
        let delete = |number: u32| {
            let key = format!("key-{number:02}");
            transfer(u128::from(number), TransferKind::Delete, state, &key)
        };
        (2..9).map(delete).collect::<Vec<_>>()
    };
    stage.queue(view(TransferState::Deleting)).queue(view(TransferState::Done));
    assert_eq!((stage.remote_cursor().as_str(), stage.app.list().len()), ("key-09", 93));
}

#[test]
fn a_search_begins_at_its_first_hit_and_not_near_where_the_cursor_was() {
    let mut stage = Stage::full();
    stage.press("2 /").type_text("x");
    stage.answer_records(&["first", "mid.txt"], false);
    assert_eq!(stage.remote_cursor(), "first");
}
