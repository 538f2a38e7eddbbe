//! Pictures in the preview, by keys alone in a real terminal: drawn in half blocks, by a process of their own that whatever
//! they are cannot do harm through, and gone without a trace when the cursor moves on.

use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use image::{ImageFormat, Rgb, RgbImage};

use crate::support::program::Home;
use crate::support::pty::Person;
use crate::support::rogue::{BUCKET, Fault, Gate, Rogue};

const SIZES: [(u16, u16); 4] = [(160, 48), (120, 36), (80, 24), (40, 10)];

/// A terminal that shows every colour.
const COLOURS: (&str, &str) = ("COLORTERM", "truecolor");

/// Lines of red and blue in turns, 20 by 6, of which each cell shows one of either.
fn striped() -> Vec<u8> {
    let stripes = |_, y: u32| if y.is_multiple_of(2) { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    let mut png = Cursor::new(Vec::new());
    RgbImage::from_fn(20, 6, stripes).write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A PNG of a few bytes that promises 30,000 by 30,000 pixels, and has sound checksums.
fn bomb() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = 30_000_u32.to_be_bytes();
    let header = [&side[..], &side, &[8, 2, 0, 0, 0]].concat();
    for (name, data) in [(b"IHDR", header), (b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01".to_vec()), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let body = [&name[..], &data].concat();
        let checksum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &body);
        png.extend(body);
        png.extend(u32::try_from(checksum).unwrap().to_be_bytes());
    }
    png
}

/// How many cells are half blocks, red above and blue below.
fn striped_cells(screen: &vt100::Screen) -> usize {
    cells(screen, |cell| {
        (cell.fgcolor(), cell.bgcolor()) == (vt100::Color::Rgb(255, 0, 0), vt100::Color::Rgb(0, 0, 255))
    })
}

/// How many half blocks there are of which this holds.
fn cells(screen: &vt100::Screen, holds: impl Fn(&vt100::Cell) -> bool) -> usize {
    let (rows, columns) = screen.size();
    let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    places.filter_map(|(row, column)| screen.cell(row, column)).filter(|c| c.contents() == "▀" && holds(c)).count()
}

fn sees_stripes(person: &mut Person) {
    person.sees_that("the picture is drawn, 20 by 3 cells", |screen| striped_cells(screen) == 60);
}

fn sees_no_picture(person: &mut Person) {
    person.sees_that("nothing is left of a picture", |screen| cells(screen, |_| true) == 0);
}

#[test]
fn a_picture_is_drawn_from_disk_and_bucket_and_nothing_of_it_stays() {
    for (width, height) in SIZES {
        let home = Home::new();
        home.file("a.png", striped());
        home.file("b.txt", "text");
        home.run(["upload", "a.png", "--key", "a.png"]).with(0);
        let mut person = home.screen_with(&[COLOURS], width, height);
        person.sees("a.png").cursor_is_on("a.png").press("iz").sees("PNG picture").sees("20 x 6");
        sees_stripes(&mut person);
        person.press("z").sees("Inspector").press("j").sees("b.txt").press("z").sees("Preview").sees("text");
        sees_no_picture(&mut person);
        person.press("z").sees("Inspector").press("<Esc>").no_longer_sees("Inspector").press("2").cursor_is_on("a.png");
        person.press("iz").sees("20 x 6");
        sees_stripes(&mut person);
        person.press("<Esc>").sees("Inspector").press("<Esc>").no_longer_sees("Inspector");
        sees_no_picture(&mut person);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
        assert!(person.terminal_is_as_before());
    }
}

#[test]
fn a_terminal_of_256_colours_gets_the_nearest() {
    let home = Home::new();
    home.file("a.png", striped());
    let mut person = home.screen(120, 36);
    person.sees("a.png").cursor_is_on("a.png").press("iz").sees("20 x 6");
    let (red, blue) = (vt100::Color::Idx(196), vt100::Color::Idx(21));
    person.sees_that("the picture is drawn", |screen| {
        cells(screen, |cell| (cell.fgcolor(), cell.bgcolor()) == (red, blue)) == 60
    });
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drawn_says_why_and_the_screen_goes_on() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    let mut large = striped();
    large.resize(20 << 20, 0);
    for (key, bytes) in [("a.png", bomb()), ("b.png", striped()[..70].to_vec()), ("c.png", large), ("d.png", striped())]
    {
        rogue.direct().put_object().bucket(BUCKET).key(key).body(ByteStream::from(bytes)).send().await.unwrap();
    }
    let mut person = home.screen_with(&[COLOURS], 120, 36);
    person.sees("no files yet").press("2v").cursor_is_on("a.png").press("iz");
    person.sees("30000 x 30000").sees("are more than are decoded for a preview").press("z");
    person.press("j").cursor_is_on("b.png").press("z").sees("the picture cannot be decoded").press("z");
    person.press("j").cursor_is_on("c.png").press("z").sees("20 x 6");
    person.sees("at most 8.0 MiB are fetched for a preview").press("z");
    person.press("j").cursor_is_on("d.png").press("z").sees("20 x 6");
    sees_stripes(&mut person);
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let large = rogue.ledger().which(|entry| entry.ask.reads() && entry.ask.key == "c.png");
    assert_eq!(
        large.iter().map(|entry| entry.down).collect::<Vec<_>>(),
        [65_536],
        "its first window, and no byte more"
    );
}

/// Processes that a process has begun, by what they are called.
fn children(parent: u32) -> Vec<(u32, String)> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let child = |process: u32| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        status.lines().any(|line| line == format!("PPid:\t{parent}")).then_some(())?;
        let name = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
        Some((process, name.split('\0').next()?.to_owned()))
    };
    processes.filter_map(child).collect()
}

/// Waits until something holds.
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_decodes_has_bounds_of_its_own_and_ends_when_the_cursor_moves_on() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    for (key, bytes) in [("a.png", striped()), ("b.txt", b"text".to_vec())] {
        rogue.direct().put_object().bucket(BUCKET).key(key).body(ByteStream::from(bytes)).send().await.unwrap();
    }
    let gate = Gate::closed();
    let (closed, mut reads) = (gate.clone(), 0);
    rogue.faults(move |ask| {
        reads += usize::from(ask.reads() && ask.key == "a.png");
        (ask.reads() && ask.key == "a.png" && reads > 1).then(|| Fault::HoldDown(closed.clone()))
    });
    let mut person = home.screen_with(&[COLOURS], 120, 36);
    person.sees("no files yet").press("2v").cursor_is_on("a.png").press("i").sees("the picture is on its way");
    gate.reached().await;
    let parent = person.process();
    let child = until("a process that decodes, within its bounds", || {
        let (process, _) = children(parent).into_iter().find(|(_, name)| name == "windlass-preview")?;
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
        let bound = |line: &str| line.starts_with("Max open files") && line.contains(" 3 ");
        let memory = |line: &str| line.starts_with("Max address space") && line.contains(" 536870912 ");
        let nice = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let nice = nice.rsplit_once(')')?.1.split_whitespace().nth(16)?.to_owned();
        (limits.lines().any(bound) && limits.lines().any(memory) && nice == "10").then_some(process)
    });
    assert_eq!(fs::read(format!("/proc/{child}/environ")).unwrap(), b"", "it knows no environment");
    person.press("j").cursor_is_on("b.txt").sees("text");
    until("no process is left", || children(parent).is_empty().then_some(()));
    gate.open();
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn where_there_are_no_colours_or_no_pictures_are_wanted_the_facts_stand_alone() {
    for (config, variable, said) in [
        ("", ("NO_COLOR", "1"), "NO_COLOR is set"),
        ("ascii = true\n", COLOURS, "plain characters"),
        ("images = \"none\"\n", COLOURS, "20 x 6"),
    ] {
        let home = Home::new();
        home.configure(config);
        home.file("a.png", striped());
        let mut person = home.screen_with(&[variable], 120, 36);
        person.sees("a.png").press("iz").sees("20 x 6").sees(said);
        assert_eq!(person.look(|screen| cells(screen, |_| true)), 0);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

/// Has the files `a.png` and `b.txt`, and a screen with the cursor on the former.
fn over_picture(variables: &[(&str, &str)]) -> (Home, Person) {
    let home = Home::new();
    home.file("a.png", striped());
    home.file("b.txt", "text");
    let mut person = home.screen_with(&[&[COLOURS], variables].concat(), 120, 36);
    person.sees("a.png").cursor_is_on("a.png");
    (home, person)
}

/// How many cells show a part of a picture that kitty keeps.
fn placeholders(screen: &vt100::Screen) -> usize {
    screen.contents().matches('\u{10EEEE}').count()
}

#[test]
fn kitty_is_sent_a_picture_once_and_told_to_forget_it_when_the_cursor_moves_on() {
    let (_home, mut person) = over_picture(&[("TERM", "xterm-kitty"), ("SSH_TTY", "")]);
    person.press("i").is_sent("the picture is sent", |sent| sent.which("a=T,U=1") == 1);
    // 20 by 6 pixels in cells of 10 by 20.
    person.sees_that("two cells show it", |screen| placeholders(screen) == 2);
    assert_eq!(person.look(striped_cells), 0);
    person.press("?").sees("Help").press("<Esc>").no_longer_sees("Help");
    person.sees_that("two cells show it", |screen| placeholders(screen) == 2);
    assert_eq!(person.pictures(), 1, "what stood over it has cost nothing");
    person.press("j").cursor_is_on("b.txt").is_sent("it is forgotten", |sent| sent.which("a=d,d=I") == 1);
    person.sees_that("nothing is left of it", |screen| placeholders(screen) == 0);
    person.press("k").cursor_is_on("a.png").is_sent("it is sent again", |sent| sent.which("a=T,U=1") == 2);
    person.press("i").is_sent("it is forgotten", |sent| sent.which("a=d,d=I") == 2);
    person.sees_that("nothing is left of it", |screen| placeholders(screen) == 0);
    person.press("i").is_sent("it is sent again", |sent| sent.which("a=T,U=1") == 3).press("q");
    assert_eq!(person.ended().exit_code(), 0);
    person.is_sent("nothing of it stays", |sent| sent.which("a=d,d=I") == 3);
}

#[test]
fn far_away_a_terminal_is_sent_a_picture_only_for_a_preview_that_is_alone() {
    for (variable, begins) in [
        (("TERM", "xterm-kitty"), "_Gq=2,i="),
        (("LC_TERMINAL", "iTerm2"), "]1337;File=inline=1"),
        (("TERM", "foot"), "P"),
    ] {
        let (_home, mut person) = over_picture(&[variable]);
        person.press("i");
        sees_stripes(&mut person);
        assert_eq!(person.pictures(), 0, "half blocks are enough beside a list");
        person.press("z").is_sent("the picture is sent", |sent| sent.which(begins) == 1);
        sees_no_picture(&mut person);
        person.press("jkJK").press("<Esc>").sees("Inspector");
        sees_stripes(&mut person);
        person.is_sent("it was sent once", |sent| sent.which(begins) == 1);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn a_terminal_of_which_nothing_is_known_is_sent_half_blocks_alone() {
    for variable in [("TERM", "xterm-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")] {
        let (_home, mut person) = over_picture(&[variable, ("SSH_TTY", ""), ("LC_TERMINAL", "")]);
        person.press("i");
        sees_stripes(&mut person);
        person.press("z").sees("Preview");
        sees_stripes(&mut person);
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
        assert_eq!(person.pictures(), 0);
    }
}
