//! The pane Transfers, cell by cell: what a row says on any screen, with colour or without.

use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;
use windlass::app::{App, Message};
use windlass::domain::transfer::{Hold, Lane, Limits, ProfileIdentity, QueueView, TransferView};
use windlass::domain::{Failure, FailureKind, Transfer, TransferKind, TransferState};
use windlass::ui::{Look, Palette, Theme};

use super::{app, drawn, now, press, rows};

fn identity() -> Arc<ProfileIdentity> {
    Arc::new(ProfileIdentity {
        name: "prod".into(),
        provider: "s3".into(),
        endpoint: "https://s3.example.org".into(),
        bucket: "files".into(),
        key_id: "id".into(),
        catalog: "sqlite".into(),
        env_file: None,
    })
}

pub(super) fn shown(key: &str, state: TransferState) -> TransferView {
    let transfer = Transfer {
        state,
        path: Some(Path::new(&format!("/home/me/{key}")).into()),
        size: Some(1000),
        ..Transfer::new(TransferKind::Upload, identity(), key, DateTime::UNIX_EPOCH)
    };
    let transfer = Arc::new(transfer);
    TransferView { transfer, sent: 0, rate: 0.0, next_try_in: None, elsewhere: false, held: false }
}

fn failing(mut view: TransferView, kind: FailureKind, next_try_in: Option<u64>) -> TransferView {
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(kind, "cannot reach s3.example.org port 443").into());
    TransferView { next_try_in, ..view }
}

fn lane(hold: Option<Hold>) -> Lane {
    Lane { profile: identity(), limits: Limits { jobs: 8, rate: 10 << 20 }, hold, records: None }
}

/// The application on a screen of that size, the focus on this queue.
fn with(width: u16, height: u16, queue: QueueView) -> App {
    let mut app = app(width, height);
    app.update(Message::Queue { view: Arc::new(queue), now: now() });
    press(&mut app, "3");
    app
}

fn with_queue(width: u16, height: u16, transfers: Vec<TransferView>) -> App {
    with(width, height, QueueView { transfers, ..QueueView::default() })
}

fn text(app: &App) -> String {
    rows(&drawn(app, &Look::default())).join("\n")
}

#[test]
fn a_bar_tells_what_is_acknowledged_from_what_is_sent_without_colour() {
    let mut view = TransferView { sent: 600, ..shown("video.mp4", TransferState::Sending) };
    Arc::make_mut(&mut view.transfer).acknowledged = 300;
    for (width, height) in [(160, 48), (120, 36), (80, 24), (40, 10)] {
        let app = with(width, height, QueueView { transfers: vec![view.clone()], ..QueueView::default() });
        let look = Look { theme: Theme::new(Palette::Plain), ..Look::default() };
        let rows = rows(&drawn(&app, &look));
        let row = rows.iter().find(|row| row.contains("video")).unwrap();
        let count = |symbol| row.chars().filter(|letter| *letter == symbol).count();
        let (solid, broken, thin) = (count('━'), count('╍'), count('─'));
        let bar = solid + broken + thin;
        assert!(bar >= 8, "{row}");
        assert!(solid.abs_diff(bar * 3 / 10) <= 1 && (solid + broken).abs_diff(bar * 6 / 10) <= 1, "{row}");
    }
}

#[test]
fn what_starts_over_says_so_beside_how_far_it_is() {
    let what = "sent again from the beginning: its parts are no longer in the bucket";
    let mut view = TransferView { sent: 600, rate: 10.0, ..shown("video.mp4", TransferState::Sending) };
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::NotFound, what).into());
    for (width, height, said) in [(160, 48, what), (120, 36, &what[..60]), (80, 24, &what[..40])] {
        let text = text(&with(width, height, QueueView { transfers: vec![view.clone()], ..QueueView::default() }));
        let row = text.lines().find(|row| row.contains("video")).unwrap();
        assert!(row.contains(said) && row.contains("60%"), "{row}");
    }
}

#[test]
fn what_happens_next_is_never_cut() {
    let transfers = vec![
        failing(shown("report.pdf", TransferState::Recording), FailureKind::CatalogAway, Some(8)),
        failing(shown("video.mp4", TransferState::Sending), FailureKind::Offline, Some(12)),
        failing(shown("hero.png", TransferState::Failed), FailureKind::Internal, None),
        shown("a-name-that-is-far-too-long-for-its-column.tar.gz", TransferState::Paused),
        shown("notes.txt", TransferState::Queued),
    ];
    let queue = QueueView { transfers, ..QueueView::default() };
    let wide = text(&with(120, 36, queue.clone()));
    for words in [
        "stored, waiting for the catalog: next try in 8 s",
        "offline: next try in 12 s",
        "failed: cannot reach s3.example.org port 443; r tries again",
        "paused: p goes on",
        "queued",
    ] {
        assert!(wide.contains(words), "{words} is not in\n{wide}");
    }
    for (width, height, why) in [
        (80, 24, "✗ hero.png             cannot reach s3.example.org port 443; r tries again"),
        (40, 10, "Enter shows why"),
    ] {
        let narrow = text(&with(width, height, queue.clone()));
        for words in ["next try in 8 s", "next try in 12 s", "p goes on", why] {
            assert!(narrow.contains(words), "{words} is not in\n{narrow}");
        }
        assert!(narrow.contains("r tries again") || narrow.contains("Enter shows why"), "{narrow}");
    }
}

#[test]
fn on_a_small_screen_the_cause_of_a_failure_is_not_cut() {
    let mut view = shown("photos/2026/a-name-that-is-long-enough.jpeg", TransferState::Failed);
    let path = view.transfer.path.clone().unwrap();
    let what = format!("cannot read {}: permission denied", path.display());
    Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Local, what).into());
    let queue = QueueView { transfers: vec![view], ..QueueView::default() };
    for (width, height, said) in
        [(120, 36, "jpeg: permission denied; r tries again"), (80, 24, "failed: permission denied; r tries again")]
    {
        let text = text(&with(width, height, queue.clone()));
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
}

#[test]
fn a_reason_begins_where_the_others_do_and_has_the_room_that_a_short_name_leaves_where_it_would_be_cut() {
    let failed = |what: &str| {
        let mut view = shown("pictures/s.jpg", TransferState::Failed);
        Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Local, what).into());
        view
    };
    let long = failed("cannot read /home/me/pictures/s.jpg: it is not there");
    let endless = failed(&format!("it broke and nobody {}", "knows why it broke and nobody ".repeat(5)));
    let queue = QueueView { transfers: vec![long, failed("it broke"), endless], ..QueueView::default() };
    let text = text(&with(120, 36, queue));
    let column = |what: &str| text.lines().find_map(|row| Some(row.split_once(what)?.0.chars().count()));
    assert_eq!((column("failed, cannot read"), column("failed: it broke;")), (Some(36), Some(36)), "{text}");
    assert!(text.contains(": it is not there; r tries again"), "{text}");
    assert!(text.contains("✗ pictures/s.jpg  failed: it broke and nobody knows"), "{text}");
    assert!(column("prod").is_some(), "{text}");
}

#[test]
fn the_name_of_what_has_ended_has_the_room_that_its_words_leave() {
    let key = "photos/2026/summer/a-name-that-is-long-enough.jpeg";
    let transfers = vec![shown(key, TransferState::Sending), shown(key, TransferState::Done)];
    let text = text(&with(120, 36, QueueView { transfers, ..QueueView::default() }));
    assert!(text.contains(&format!("✓ {key}  uploaded, 1000 B")), "{text}");
    let whole: Vec<&str> = text.lines().filter(|row| row.contains(key)).collect();
    assert!(whole.len() == 2 && whole[1].contains('╰'), "beside a bar it is cut, and whole in the border: {text}");
}

#[test]
fn the_words_of_all_that_has_ended_begin_alike() {
    let keys =
        ["a.txt", "photos/2026/summer/a-long-name.jpeg", "photos/a-name-that-has-no-room-however-wide-it-may-be.jpeg"];
    let transfers = keys.map(|key| shown(key, TransferState::Done)).to_vec();
    let text = text(&with(80, 24, QueueView { transfers, ..QueueView::default() }));
    let columns = |row: &str| row.split_once("uploaded").map(|(before, _)| before.chars().count());
    let begin: Vec<usize> = text.lines().filter_map(columns).collect();
    assert!(begin.len() == 3 && begin.iter().all(|column| *column == begin[0]), "{text}");
    assert!(text.contains(keys[1]), "{text}");
}

#[test]
fn what_failed_begins_like_what_is_through() {
    let failed = |key: &str, what: &str| {
        let mut view = shown(key, TransferState::Failed);
        Arc::make_mut(&mut view.transfer).error = Some(Failure::new(FailureKind::Local, what).into());
        view
    };
    let done = shown("photos/2026/summer/a-long-name.jpeg", TransferState::Done);
    let long = "cannot read /home/me/photos/b.jpeg: no such file or directory";
    for (width, height) in [(120, 36), (80, 24)] {
        let transfers = vec![failed("a.txt", "it broke"), failed("photos/b.jpeg", long), done.clone()];
        let text = text(&with_queue(width, height, transfers));
        let found = |what: &str| text.lines().find_map(|row| Some(row.split_once(what)?.0.chars().count()));
        let column = |what: &str| found(what).unwrap_or_else(|| panic!("no {what}: {text}"));
        assert_eq!(column("failed: it broke"), column("uploaded"), "{text}");
        let row = text.lines().find(|row| row.contains("no such file or directory; r tries again"));
        let row: Vec<char> = row.unwrap_or_else(|| panic!("{text}")).chars().collect();
        let begins =
            row[column("uploaded") - 2] == ' ' && row[column("uploaded") - 1] == ' ' && row[column("uploaded")] != ' ';
        assert!(begins, "{text}");
    }
}

#[test]
fn what_failed_and_has_no_room_to_say_why_begins_like_the_others_too() {
    let failed = failing(shown("hero.png", TransferState::Failed), FailureKind::Internal, None);
    for (other, words) in [("a-long-name.jpeg", "uploaded"), ("b.txt", "uploaded")] {
        let text = text(&with_queue(40, 10, vec![failed.clone(), shown(other, TransferState::Done)]));
        let column = |what: &str| text.lines().find_map(|row| Some(row.split_once(what)?.0.chars().count()));
        assert!(column(words).is_some() && column("Enter shows why") == column(words), "{text}");
        assert!(!text.contains("failed: "), "its symbol says so: {text}");
    }
    let mut deleted = shown("some/long/name/of/a/picture.jpeg", TransferState::Done);
    Arc::make_mut(&mut deleted.transfer).kind = TransferKind::Delete;
    let text = text(&with_queue(40, 10, vec![failed, deleted]));
    assert!(text.contains("Enter shows why"), "{text}");
}

#[test]
fn a_name_that_is_cut_stands_whole_in_the_border_below_while_its_pane_has_the_focus() {
    let key = "photos/2026/summer/a-name-that-is-long-enough.jpeg";
    let queue = QueueView { transfers: vec![shown(key, TransferState::Sending)], ..QueueView::default() };
    let mut app = with(80, 24, queue);
    let below = |app: &App| text(app).lines().any(|row| row.contains(key) && row.contains('╰'));
    assert!(below(&app), "{}", text(&app));
    press(&mut app, "1");
    assert!(!below(&app), "{}", text(&app));
}

#[test]
fn a_profile_that_stands_still_takes_one_line_however_many_wait() {
    let hold =
        |kind, next_try_in| Hold { failure: Failure::new(kind, "cannot reach it"), next_try_in, waiting: 50_000 };
    let transfers: Vec<TransferView> = (0..50_000)
        .map(|number| TransferView { held: true, ..shown(&number.to_string(), TransferState::Queued) })
        .collect();
    let queue =
        |hold| QueueView { transfers: transfers.clone(), lanes: vec![lane(Some(hold))], ..QueueView::default() };
    let offline = queue(hold(FailureKind::Offline, Some(12)));
    for (width, height) in [(120, 36), (80, 24)] {
        let text = text(&with(width, height, offline.clone()));
        assert_eq!(text.matches("! prod  offline: next try in 12 s · 50,000 wait").count(), 1, "{text}");
        assert!(text.contains("50,000 waiting"), "{text}");
    }
    let small = text(&with(40, 10, offline));
    assert_eq!(small.matches("! prod  offline: next try in 12 s").count(), 1, "{small}");
    let stopped = text(&with(80, 24, queue(hold(FailureKind::Credentials, None))));
    assert!(stopped.contains("✗ prod  stopped: wrong credentials; r tries again · 50,000 wait"), "{stopped}");
    let small = text(&with(40, 10, queue(hold(FailureKind::Credentials, None))));
    assert!(small.contains("✗ prod  wrong credentials"), "the cause is in no other place: {small}");
}

#[test]
fn what_was_sending_when_its_profile_stopped_says_so_instead_of_a_bar() {
    let hold = Hold { failure: Failure::new(FailureKind::Credentials, "no"), next_try_in: None, waiting: 1 };
    let view = TransferView { held: true, ..shown("video.mp4", TransferState::Sending) };
    let queue = QueueView { transfers: vec![view], lanes: vec![lane(Some(hold))], ..QueueView::default() };
    let text = text(&with(120, 36, queue));
    let row = text.lines().find(|row| row.contains("video.mp4")).unwrap();
    assert!(row.contains("stopped: wrong credentials; r tries again") && !row.contains('%'), "{row}");
}

#[test]
fn the_first_and_the_last_row_are_in_sight_below_the_line() {
    let hold = Hold { failure: Failure::new(FailureKind::Offline, "no route"), next_try_in: Some(3), waiting: 100 };
    let transfers = (0..100).map(|number| shown(&format!("row-{number:02}"), TransferState::Queued)).collect();
    let mut app = with(80, 24, QueueView { transfers, lanes: vec![lane(Some(hold))], ..QueueView::default() });
    assert!(text(&app).contains("row-00"));
    press(&mut app, "G");
    let text = text(&app);
    assert!(text.contains("row-99") && text.contains("▎"), "{text}");
}

#[test]
fn totals_are_at_least_until_the_walk_ends() {
    let transfers: Vec<TransferView> = (0..1204).map(|_| shown("a", TransferState::Queued)).collect();
    let queue = |walks| QueueView {
        transfers: transfers.clone(),
        lanes: vec![lane(None)],
        walks,
        rate: 1024.0,
        seconds_left: Some(42),
    };
    let walking = text(&with(120, 36, queue(1)));
    for part in ["≥ 1,204 queued", "≥ 0:42 left", "limit 10.0 MiB/s"] {
        assert!(walking.contains(part), "{part} is not in\n{walking}");
    }
    let over = text(&with(120, 36, queue(0)));
    assert!(over.contains(" 1,204 queued") && !over.contains('≥'), "{over}");
}

#[test]
fn dialogs_about_transfers_are_drawn_on_any_screen() {
    let sizes = [(120, 36), (80, 24), (40, 10), (20, 5), (10, 3), (3, 3), (2, 9), (9, 1), (1, 1)];
    let view = failing(shown("a", TransferState::Failed), FailureKind::Internal, None);
    for keys in ["l", "b", "lG", "bx"] {
        for (width, height) in sizes {
            let queue = QueueView { transfers: vec![view.clone()], lanes: vec![lane(None)], ..QueueView::default() };
            let mut app = with(width, height, queue);
            press(&mut app, keys);
            let text = text(&app);
            if width >= 40 {
                assert!(text.contains("Transfer") || text.contains("Limits of prod"), "{text}");
            }
        }
    }
}

#[test]
fn notices_leave_most_of_a_small_screen_in_sight() {
    let failure = Failure::new(FailureKind::Offline, "127.0.0.1 refused the connection, and says so at great length");
    let hold = Hold { failure, next_try_in: Some(12), waiting: 1 };
    let transfers: Vec<TransferView> =
        (0..5).map(|number| shown(&format!("row-{number}"), TransferState::Queued)).collect();
    let queue = |hold| QueueView { transfers: transfers.clone(), lanes: vec![lane(hold)], ..QueueView::default() };
    let mut app = with(40, 10, queue(None));
    press(&mut app, "xy");
    app.update(Message::Queue { view: Arc::new(queue(Some(hold.clone()))), now: now() });
    let small = text(&app);
    for part in ["row-0", "row-2", "profile prod waits and goes on"] {
        assert!(small.contains(part), "{part} is not in\n{small}");
    }
    let large = text(&with(120, 36, queue(Some(hold))));
    assert!(large.contains("at great length") && large.contains("next try in 12 s · 1 waits"), "{large}");
}

#[test]
fn what_failed_stands_first_in_the_title_and_stays_longest() {
    let state = |number| if number < 2 { TransferState::Failed } else { TransferState::Sending };
    let transfers: Vec<TransferView> = (0..5).map(|number| shown(&format!("row-{number}"), state(number))).collect();
    let queue = || QueueView { transfers: transfers.clone(), ..QueueView::default() };
    assert!(text(&with(120, 36, queue())).contains("Transfers  2 failed · 3 running"));
    let small = text(&with(40, 10, queue()));
    assert!(small.contains("3 Transfers  2 failed"), "{small}");
}
