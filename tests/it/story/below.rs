//! A search through everything below a prefix of the bucket, by keys alone in a real terminal.

use aws_sdk_s3::primitives::ByteStream;

use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Fault, Gate, Rogue};

/// A profile behind a network, and 1,200 objects of which three are heroes.
async fn filled() -> (Home, Rogue) {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    let client = rogue.direct();
    let keys = (0..1197).map(|number| format!("site/{}/{number:04}.txt", number % 7));
    let heroes = ["hero.png", "site/3/Hero-Picture.svg", "site/zz/last-hero.txt"].map(str::to_owned);
    for key in keys.chain(heroes) {
        client.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send().await.unwrap();
    }
    (home, rogue)
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_searches_below_and_what_is_found_is_opened_where_it_lies() {
    let (home, _rogue) = filled().await;
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let mut person = home.screen(width, height);
        person.sees("1 Local").press("2z").no_longer_sees("1 Local");
        if width == 120 {
            person.press("v");
        }
        person.sees("Bucket").press("/hero");
        if width > 40 {
            person.sees("Enter search below  Tab keep  Esc clear");
        }
        person.press("<Enter>");
        person.sees("3 of 1,200").sees("site/3/Hero-Picture.svg").sees("site/zz/last-hero.txt");
        person.press("j").cursor_is_on("Hero-Picture.svg").press("<Enter>").no_longer_sees("of 1,200");
        person.cursor_is_on("Hero-Picture.svg").press("H").cursor_is_on("site/");
        person.press("/nothing<Enter>").sees("0 of 1,200").sees("nothing below has that");
        person.press("<Esc>").sees("site/").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_as_they_are_found_and_esc_stops_a_search_and_then_leaves_it() {
    let (home, rogue) = filled().await;
    let gate = Gate::closed();
    let held = gate.clone();
    rogue.faults(move |ask| {
        let on = ask.method == "GET" && ask.key.is_empty() && ask.query.contains("continuation-token");
        on.then(|| Fault::HoldDown(held.clone()))
    });
    let mut person = home.screen(120, 36);
    person.sees("Local").press("2v").sees("Bucket").cursor_is_on("hero.png").press("/hero<Enter>");
    person.sees("/hero  2 of 1,000 …").sees("site/3/Hero-Picture.svg");
    gate.reached().await;
    person.press("j").cursor_is_on("Hero-Picture.svg").press("<Esc>").sees("2 of 1,000, stopped").sees("stopped here");
    gate.open();
    person.press("R").sees("3 of 1,200").sees("last-hero.txt").press("<Esc>").no_longer_sees("last-hero").sees("site/");
    person.press("U").sees("searched again: hero").sees("last-hero.txt").press("<Esc>").no_longer_sees("last-hero");
    person.press("/her<Tab>").sees("1 of 2").cursor_is_on("hero.png").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
