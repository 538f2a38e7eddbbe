//! Looking at things without fetching them, by keys alone in a real terminal: the inspector and its preview, over a network
//! that counts what was asked for and that can stand still.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;

use crate::support::canned::{Canned, CannedServer, answer, cut_answer};
use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Fault, Gate, Rogue};

/// The sizes that people have.
const SIZES: [(u16, u16); 4] = [(160, 48), (120, 36), (80, 24), (40, 10)];

/// Text of so many lines, each with its number.
fn lines(count: usize) -> String {
    (0..count).map(|number| format!("line {number} of a text that is read window by window\n")).collect()
}

#[test]
fn a_file_and_its_object_are_inspected_and_a_field_is_copied() {
    for (width, height) in SIZES {
        let home = Home::new();
        home.file("hello.rs", "// a remark\nfn main() {}\n");
        home.run(["upload", "hello.rs", "--key", "hello.rs"]).with(0);
        let mut person = home.screen(width, height);
        person.sees("hello.rs").press("i").sees("Inspector").sees("25 B");
        person.press("z").no_longer_sees("Inspector").sees("Preview").sees("Rust").sees("fn main() {}");
        person.press("<Esc>").sees("Inspector").press("2");
        if height < 16 {
            // The lowest screen has room for two fields: all are a key away.
            person.sees("all 14 facts").press("K");
        }
        person.sees("record and object agree");
        person.press("z").sees("Preview").sees("// a remark").press("z").sees("Inspector");
        person.press("yf").sees("Copy a field").press("j<Enter>").sees("size: sent to your terminal");
        assert_eq!(person.waits_for_copy(), "25");
        person.press("i").no_longer_sees("Inspector").press("q");
        assert_eq!(person.ended().exit_code(), 0);
        assert!(person.terminal_is_as_before());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_record_and_bucket_disagree_on_is_named() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    home.file("a.txt", "as it was recorded");
    home.run(["upload", "a.txt"]).with(0);
    let other = ByteStream::from_static(b"replaced by somebody else, who tells no catalog");
    rogue.direct().put_object().bucket(BUCKET).key("a.txt").body(other).send().await.unwrap();
    let mut person = home.screen(120, 36);
    person.sees("1 file").press("2i").sees("record and object differ: size").sees("18 B in the record");
    person.sees("47 B in the bucket").sees("replaced by somebody else");
    rogue.direct().delete_object().bucket(BUCKET).key("a.txt").send().await.unwrap();
    person.press("R").sees("no object: the record alone is there").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_windows_that_are_looked_at_are_read() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    home.file("long.txt", lines(20_000));
    home.run(["upload", "long.txt"]).with(0);
    let mut person = home.screen(120, 36);
    person.sees("1 file").press("2i").sees("line 0 of").press("z").sees("Preview");
    let reads = || rogue.ledger().which(|entry| entry.ask.reads() && entry.ask.key == "long.txt");
    assert_eq!(reads().len(), 1, "one window is read while only its beginning is looked at");
    // Each time the end of what is there comes near, one more is read.
    for _ in 2..=4 {
        let gate = Gate::closed();
        let closed = gate.clone();
        rogue.faults(move |ask| ask.reads().then(|| Fault::HoldDown(closed.clone())));
        person.press("G").sees("reading on …");
        gate.open();
        person.no_longer_sees("reading on …");
    }
    person.press("G").sees("the first 256 KiB; there is more").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let down: Vec<u64> = reads().iter().map(|entry| entry.down).collect();
    assert_eq!(down, [65_536; 4], "by ranges, and no byte more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_never_comes_holds_nothing_up_and_is_given_up_when_the_cursor_moves() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    for name in ["quick.txt", "slow.txt"] {
        home.file(name, format!("the bytes of {name}"));
        home.run(["upload", name]).with(0);
    }
    let gate = Arc::new(Gate::closed());
    let closed = gate.clone();
    rogue.faults(move |ask| (ask.reads() && ask.key == "slow.txt").then(|| Fault::HoldDown((*closed).clone())));
    let mut person = home.screen(120, 36);
    person
        .sees("2 files")
        .press("2")
        .cursor_is_on("slow.txt")
        .press("i")
        .sees("reading …")
        .sees("record and object agree");
    gate.reached().await;
    person.press("j").cursor_is_on("quick.txt").sees("the bytes of quick.txt");
    person.press("k").cursor_is_on("slow.txt").sees("reading …").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    gate.open();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_server_that_sends_everything_no_more_is_read_than_is_shown() {
    const SIZE: usize = 1 << 30;
    let list = format!(
        "<ListBucketResult><Name>pics</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents>\
         <Key>big.log</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"tag\"</ETag><Size>{SIZE}</Size>\
         </Contents></ListBucketResult>"
    );
    let tagged = [("etag", "\"tag\"")];
    // A whole GiB is promised, of which only a little more than a window ever comes.
    let Canned::Bytes(whole) = cut_answer("200 OK", &tagged, &lines(2000), SIZE) else { panic!("these are bytes") };
    let listed = answer("200 OK", &[("content-type", "application/xml")], &list);
    let server = CannedServer::start([listed, cut_answer("200 OK", &tagged, "", SIZE), Canned::Stall(whole)]).await;
    let home = Home::new();
    home.configure(&format!(
        "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"{}\"\nregion = \"auto\"\n\
         bucket = \"pics\"\naccess_key_id = \"AKIATEST\"\nsecret_access_key = \"hunter2\"\n\
         database_url = \"sqlite:catalog.sqlite\"\n",
        server.url()
    ));
    let mut person = home.screen(120, 36);
    person.sees("no files yet").press("2v").cursor_is_on("big.log").press("i").sees("1.0 GiB").sees("line 0 of");
    person.press("zG").sees("this server sends objects only whole").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let asked = server.requests();
    let ranges: Vec<&str> =
        asked.iter().flat_map(|head| head.lines()).filter(|line| line.starts_with("range")).collect();
    assert_eq!(ranges.len(), 2, "{asked:?}");
    assert_eq!(ranges[0], "range: bytes=0-65535");
}

#[test]
fn on_low_screens_the_contents_are_seen_at_once_and_every_field_by_a_key() {
    for (width, height) in [(80, 24), (40, 10)] {
        let home = Home::new();
        home.file("hello.rs", "// a remark\nfn main() {}\n");
        home.run(["upload", "hello.rs", "--key", "a/longer/prefix/than/usual/hello.rs"]).with(0);
        let mut person = home.screen(width, height);
        person.sees("hello.rs").press("2").cursor_is_on("/hello.rs").press("<Enter>");
        person
            .sees("// a remark")
            .sees("25 B")
            .sees("K all")
            .press("K")
            .no_longer_sees("K all")
            .sees("state")
            .press("<Enter>");
        person.sees("Preview").sees("fn main() {}").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn what_gzip_packed_is_read_unpacked() {
    const PACKED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba\x12\x08\x00\x00\x00";
    let home = Home::new();
    home.file("app.log.gz", PACKED);
    let mut person = home.screen(120, 36);
    person.sees("app.log.gz").cursor_is_on("app.log.gz").press("<Enter>");
    person.sees("unpacked 8 B").sees("two").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
