//! The real program in a real terminal, driven in the user's words: press keys, wait for a text, read the screen. Every
//! wait is for something that the terminal shows or that the process does, bounded, and never for time to pass.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::graphics::Graphics;
use super::heard::Heard;
use super::program::Home;

/// How long anything may take before a test gives up; generous, because test machines are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, or any other, in a terminal.
impl Home {
    /// Starts the screen in a terminal of that size.
    pub fn screen(&self, width: u16, height: u16) -> Person {
        self.screen_with(&[], width, height)
    }

    /// The same with more environment variables.
    pub fn screen_with(&self, variables: &[(&str, &str)], width: u16, height: u16) -> Person {
        self.in_terminal(&[env!("CARGO_BIN_EXE_windlass")], variables, width, height)
    }

    /// Starts any command in a terminal of that size.
    pub fn in_terminal(&self, command: &[&str], variables: &[(&str, &str)], width: u16, height: u16) -> Person {
        let mut builder = CommandBuilder::new(command[0]);
        builder.args(&command[1..]);
        builder.cwd(self.here());
        builder.env_clear();
        let plain = self.command(Vec::<&str>::new());
        for (name, value) in plain.get_envs() {
            builder.env(name, value.unwrap());
        }
        builder.env("PATH", std::env::var_os("PATH").unwrap());
        builder.env("TERM", "xterm-256color");
        builder.env("LANG", "C.UTF-8");
        // A clipboard that a test can read: the terminal's.
        builder.env("SSH_TTY", "/dev/pts/0");
        for (name, value) in variables {
            builder.env(name, value);
        }
        Person::sit_down(builder, width, height)
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.places().log()
    }
}

/// What the terminal shows and what it was told beside that.
pub(super) struct Terminal {
    parser: vt100::Parser<Heard>,
    bytes: u64,
    frames: Frames,
    pub(super) graphics: Graphics,
    pub(super) closed: bool,
}

/// Frames that the program has drawn, by the ends of synchronized updates.
#[derive(Default)]
struct Frames {
    /// When each was whole.
    ends: Vec<Instant>,
    /// How much of an end was read last.
    matched: usize,
}

impl Frames {
    const END: &[u8] = b"\x1b[?2026l";

    fn read(&mut self, bytes: &[u8], moment: Instant) {
        for byte in bytes {
            self.matched = if *byte == Self::END[self.matched] { self.matched + 1 } else { usize::from(*byte == 0x1b) };
            if self.matched == Self::END.len() {
                self.ends.push(moment);
                self.matched = 0;
            }
        }
    }
}

/// Somebody at a terminal.
pub struct Person {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    shared: Arc<(Mutex<Terminal>, Condvar)>,
    before: String,
}

impl Person {
    fn sit_down(builder: CommandBuilder, width: u16, height: u16) -> Self {
        let pair = native_pty_system().openpty(size(width, height)).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let parser = vt100::Parser::new_with_callbacks(at_least_one(height), at_least_one(width), 0, Heard::default());
        let shared = Arc::new((
            Mutex::new(Terminal {
                parser,
                bytes: 0,
                frames: Frames::default(),
                graphics: Graphics::default(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let reader = pair.master.try_clone_reader().unwrap();
        let seen = shared.clone();
        std::thread::spawn(move || watch(reader, &seen));
        let keyboard = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keyboard, shared, before }
    }

    /// Types keys: characters as they are, and `<Enter> <Esc> <Tab> <S-Tab> <Space> <BS> <Del> <Up> <Down> <Left>
    /// <Right> <PgUp> <PgDn> <Home> <End> <F1> <C-x> <lt>`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(&encode(keys)).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Pastes a text, bracketed.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.types(&format!("\x1b[200~{text}\x1b[201~"))
    }

    /// Sends the program characters and sequences as they are.
    pub fn types(&mut self, text: &str) -> &mut Self {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Waits until the screen shows the text.
    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.sees_that(&format!("{text:?} is shown"), |screen| screen.contents().contains(text))
    }

    /// Waits until the screen no longer shows the text.
    pub fn no_longer_sees(&mut self, text: &str) -> &mut Self {
        self.sees_that(&format!("{text:?} is gone"), |screen| !screen.contents().contains(text))
    }

    /// Waits until something holds of the screen.
    pub fn sees_that(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let (held, text) = {
            let mut terminal = self.wait_while(|terminal| !terminal.closed && !holds(terminal.parser.screen()));
            let screen = terminal.parser.screen_mut();
            (holds(screen), screen.contents())
        };
        assert!(held, "waited in vain until {what}; the screen:\n{text}");
        self
    }

    /// Waits until the row under the cursor (the one with the bar, in the focused pane) shows the text.
    pub fn cursor_is_on(&mut self, text: &str) -> &mut Self {
        self.sees_that(&format!("the cursor is on {text:?}"), |screen| {
            rows(screen).iter().any(|row| row.split('▎').skip(1).any(|rest| rest.contains(text)))
        })
    }

    /// The screen's rows.
    pub fn rows(&self) -> Vec<String> {
        rows(self.terminal().parser.screen())
    }

    /// The rows of a whole frame: none of it is still on its way.
    pub fn whole_rows(&self) -> Vec<String> {
        let terminal = self.wait_while(|terminal| !terminal.closed && terminal.parser.callbacks().drawing);
        rows(terminal.parser.screen())
    }

    /// The screen as one text.
    pub fn text(&self) -> String {
        self.terminal().parser.screen().contents()
    }

    /// Looks at the terminal's state.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.terminal().parser.screen())
    }

    /// Waits for the first text sent to the terminal's clipboard.
    pub fn waits_for_copy(&mut self) -> String {
        let terminal = self.wait_while(|terminal| !terminal.closed && terminal.parser.callbacks().copied.is_empty());
        terminal.parser.callbacks().copied.last().expect("nothing was copied").clone()
    }

    /// The window's title.
    pub fn title(&self) -> String {
        self.terminal().parser.callbacks().title.clone()
    }

    /// Waits until the window has such a title.
    pub fn titled(&mut self, holds: impl Fn(&str) -> bool) -> &mut Self {
        let title = {
            let terminal = self.wait_while(|terminal| !terminal.closed && !holds(&terminal.parser.callbacks().title));
            terminal.parser.callbacks().title.clone()
        };
        assert!(holds(&title), "the title is {title:?}; the screen:\n{}", self.text());
        self
    }

    /// How often the bell rang.
    pub fn bells(&self) -> usize {
        self.terminal().parser.callbacks().bells
    }

    /// How often the terminal was asked for its background's colour.
    pub fn asked(&self) -> usize {
        self.terminal().parser.callbacks().asked
    }

    /// Waits until it was asked that often.
    pub fn is_asked(&mut self, times: usize) -> &mut Self {
        drop(self.wait_while(|terminal| !terminal.closed && terminal.parser.callbacks().asked < times));
        assert_eq!(self.asked(), times);
        self
    }

    /// Waits until the bell rings.
    pub fn rings(&mut self) -> &mut Self {
        let bells = self.wait_while(|terminal| !terminal.closed && terminal.parser.callbacks().bells == 0);
        let rang = bells.parser.callbacks().bells;
        drop(bells);
        assert!(rang > 0, "the bell never rang; the screen:\n{}", self.text());
        self
    }

    /// Bytes that the program has written to the terminal.
    pub fn bytes(&self) -> u64 {
        self.terminal().bytes
    }

    /// How many frames it has drawn.
    pub fn frames(&self) -> usize {
        self.terminal().frames.ends.len()
    }

    /// Waits for the frame of that number, the first being 0; answers when it was whole.
    pub fn frame(&mut self, number: usize) -> Instant {
        let terminal = self.wait_while(|terminal| !terminal.closed && terminal.frames.ends.len() <= number);
        terminal.frames.ends.get(number).copied().expect("the frame never came")
    }

    /// Makes the window another size.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.terminal().parser.set_size(at_least_one(height), at_least_one(width));
        self.master.resize(size(width, height)).unwrap();
        self
    }

    /// The program's process id.
    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends the program a signal by its name, such as `TERM`.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        signal(self.process(), name);
        self
    }

    /// Waits until the program has ended and everything that it wrote has been read.
    pub fn ended(&mut self) -> ExitStatus {
        let closed = self.wait_while(|terminal| !terminal.closed).closed;
        assert!(closed, "it has not ended; the screen:\n{}", self.text());
        self.child.wait().unwrap()
    }

    /// Whether the terminal's modes and line settings are what they were before the start.
    pub fn terminal_is_as_before(&self) -> bool {
        self.screen_is_as_before() && format!("{:?}", self.master.get_termios().unwrap()) == self.before
    }

    /// Whether the terminal's modes are: its first screen, a cursor, no mouse.
    pub fn screen_is_as_before(&self) -> bool {
        self.look(|screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        })
    }

    pub(super) fn terminal(&self) -> MutexGuard<'_, Terminal> {
        self.shared.0.lock().unwrap()
    }

    pub(super) fn wait_while(&self, condition: impl Fn(&Terminal) -> bool) -> MutexGuard<'_, Terminal> {
        let guard = self.terminal();
        self.shared.1.wait_timeout_while(guard, PATIENCE, |terminal| condition(terminal)).unwrap().0
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // Ended already in a test that went well.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn watch(mut reader: Box<dyn Read + Send>, shared: &(Mutex<Terminal>, Condvar)) {
    let mut chunk = [0; 65_536];
    let mut ends = 0;
    // Linux looks first for something to read and then whether the other side is closed (n_tty_read): what was written in
    // between comes only to who asks again.
    while ends < 2 {
        let read = reader.read(&mut chunk).unwrap_or(0);
        ends = if read == 0 { ends + 1 } else { 0 };
        let moment = Instant::now();
        let mut terminal = shared.0.lock().unwrap();
        terminal.parser.process(&chunk[..read]);
        terminal.bytes += read as u64;
        terminal.frames.read(&chunk[..read], moment);
        terminal.graphics.read(&chunk[..read]);
        terminal.closed = ends == 2;
        shared.1.notify_all();
    }
}

fn rows(screen: &vt100::Screen) -> Vec<String> {
    let width = screen.size().1.get();
    screen.rows(0, width).collect()
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

/// Sends a signal by its name.
pub fn signal(process: u32, name: &str) {
    let done = std::process::Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(done.success());
}

fn encode(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inside| inside.split_once('>'));
        match named {
            Some((name, after)) => {
                bytes.extend(named_key(name));
                rest = after;
            }
            None => {
                bytes.extend(first.to_string().bytes());
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    bytes
}

fn named_key(name: &str) -> Vec<u8> {
    let sequence: &[u8] = match name {
        "Enter" => b"\r",
        "Esc" => b"\x1b",
        "Tab" => b"\t",
        "S-Tab" => b"\x1b[Z",
        "Space" => b" ",
        "BS" => b"\x7f",
        "Del" => b"\x1b[3~",
        "Up" => b"\x1b[A",
        "Down" => b"\x1b[B",
        "Right" => b"\x1b[C",
        "Left" => b"\x1b[D",
        "PgUp" => b"\x1b[5~",
        "PgDn" => b"\x1b[6~",
        "Home" => b"\x1b[H",
        "End" => b"\x1b[F",
        "F1" => b"\x1bOP",
        "lt" => b"<",
        _ => {
            let letter = name.strip_prefix("C-").and_then(|rest| rest.bytes().next());
            return vec![letter.unwrap_or_else(|| panic!("no key is called <{name}>")) & 0x1f];
        }
    };
    sequence.to_vec()
}
