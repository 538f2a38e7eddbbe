//! The user's editor: which program it is, how it is started in our place at the terminal, and what is said where it cannot
//! be or does not end well.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::app::RequestId;
use crate::app::effect::EditEnd;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, io_reason, shell};
use crate::files::{self, Stands};

/// What is looked at, in this order; without either it is `vi`.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];

/// Editors that begin at line 12 for `+12`.
const TAKE_LINES: [&str; 16] = [
    "vi",
    "vim",
    "vim.basic",
    "vim.tiny",
    "nvim",
    "view",
    "nvi",
    "nano",
    "pico",
    "emacs",
    "emacsclient",
    "hx",
    "helix",
    "micro",
    "kak",
    "joe",
];

/// How long the file is looked at before the editor starts and once it has ended: its disk may hang, and somebody waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a file that is compared by what is in it.
const LITTLE: u64 = 1 << 20;

/// What to do about an editor that is not to be had.
const HINT: &str = "set EDITOR to one that is installed, such as EDITOR=nano, and start Windlass again";

/// The terminal in an editor's hands.
pub struct Lent {
    /// Who is to hear of its end.
    pub request: RequestId,
    name: String,
    stage: Stage,
    path: PathBuf,
    /// How the file stood before, where that could be seen.
    before: Option<Seen>,
}

/// A file as it was seen.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    stands: Stands,
    /// What is in it, where that is little: an editor writes also what nobody has changed.
    text: Option<Vec<u8>>,
}

/// Not with its text, which may be all secrets of a configuration.
impl fmt::Debug for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Seen").field("stands", &self.stands).finish_non_exhaustive()
    }
}

impl Seen {
    fn at(path: &Path) -> Option<Self> {
        let stands = files::stands(path)?;
        let is_little = std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() <= LITTLE);
        let text = if is_little { std::fs::read(path).ok() } else { None };
        Some(Self { stands, text })
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        self.text.is_some() && self.text == other.text
    }
}

/// How far the editor is.
enum Stage {
    /// It could not be started.
    Missing(Failure),
    /// It has the terminal.
    Running(Child),
    /// It has ended well, and its file is looked at.
    Looking(JoinHandle<EditEnd>),
}

impl Lent {
    /// Starts the editor on a file, at that line where it takes one; it inherits the lock and so holds it as long as it
    /// lives, even without us. One that cannot be started has ended at once.
    pub async fn to(request: RequestId, path: &Path, line: Option<usize>, lock: Option<OwnedFd>) -> Self {
        let set = command(|name| std::env::var(name).ok());
        let words = shell::words(&set).map_err(|failure| failure.hint(HINT));
        let name = words.as_ref().ok().and_then(|words| words.first().cloned()).unwrap_or_default();
        let before = look(path.to_path_buf()).await;
        let running = words.and_then(|words| start(&words, path, line));
        drop(lock);
        Self { request, stage: running.map_or_else(Stage::Missing, Stage::Running), name, path: path.into(), before }
    }

    /// Waits for its end, and looks whether it has written the file. Whoever stops waiting in between goes on where they
    /// were; after the answer nobody asks again.
    ///
    /// # Errors
    /// `Local` where it could not be started, or ended with a failure of its own; `Usage` where its command is none.
    pub async fn ended(&mut self) -> Result<EditEnd> {
        loop {
            match &mut self.stage {
                Stage::Missing(failure) => return Err(failure.clone()),
                Stage::Running(child) => {
                    let status = child.wait().await;
                    well(&self.name, status)?;
                    let (path, before) = (self.path.clone(), self.before.take());
                    self.stage = Stage::Looking(tokio::spawn(async move { end(before, look(path).await) }));
                }
                Stage::Looking(end) => return Ok(end.await.unwrap_or(EditEnd::Closed)),
            }
        }
    }

    /// Passes on that the end has come: an editor keeps what is not saved.
    pub fn end(&self) {
        let Stage::Running(child) = &self.stage else { return };
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        // One that has just ended by itself need not be told.
        let _gone = id.map(|id| kill_process(id, Signal::TERM));
    }
}

/// Whether it ended well.
fn well(name: &str, status: std::io::Result<ExitStatus>) -> Result<()> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(name, status)),
        Err(error) => {
            let what = format!("nobody knows how the editor {} ended: {error}", display(name));
            Err(Failure::new(FailureKind::Internal, what))
        }
    }
}

/// What is not known of the file might have been written.
fn end(before: Option<Seen>, after: Option<Seen>) -> EditEnd {
    match before.zip(after) {
        Some((before, after)) if before.stands == after.stands => EditEnd::Unchanged,
        Some((before, after)) if before.says_the_same_as(&after) => EditEnd::Rewritten,
        _ => EditEnd::Closed,
    }
}

/// How the file stands; `None` where its disk does not say so in time.
async fn look(path: PathBuf) -> Option<Seen> {
    let looked = tokio::task::spawn_blocking(move || Seen::at(&path));
    tokio::time::timeout(PATIENCE, looked).await.ok()?.ok()?
}

/// The command, as somebody set it.
fn command(variable: impl Fn(&str) -> Option<String>) -> String {
    let set = VARIABLES.into_iter().filter_map(variable).find(|line| !line.trim().is_empty());
    set.unwrap_or_else(|| "vi".into())
}

/// How the editor of that name is told where to begin.
fn at_line(name: &str, line: usize) -> Option<String> {
    let program = Path::new(name).file_name()?.to_str()?;
    TAKE_LINES.contains(&program).then(|| format!("+{line}"))
}

fn start(words: &[String], path: &Path, line: Option<usize>) -> Result<Child> {
    let (name, arguments) = words.split_first().ok_or_else(|| missing("", "is no command"))?;
    let line = line.and_then(|line| at_line(name, line));
    let started = Command::new(name).args(arguments).args(line).arg(path).spawn();
    started.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(name, "is not installed"),
        _ => missing(name, &format!("cannot be started: {}", io_reason(&error))),
    })
}

fn missing(name: &str, why: &str) -> Failure {
    Failure::new(FailureKind::Local, format!("the editor \"{}\" {why}", display(name))).hint(HINT)
}

fn failed(name: &str, status: ExitStatus) -> Failure {
    let how = match status.code() {
        Some(code) => format!("ended with code {code}"),
        None => "was killed".into(),
    };
    Failure::new(FailureKind::Local, format!("the editor {} {how}", display(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(visual: Option<&str>, editor: Option<&str>) -> String {
        command(|name| if name == "VISUAL" { visual } else { editor }.map(str::to_owned))
    }

    #[test]
    fn the_visual_editor_comes_first_then_the_other_then_vi() {
        assert_eq!(of(Some("code -w"), Some("nano")), "code -w");
        assert_eq!(of(None, Some("nano")), "nano");
        assert_eq!(of(Some(" "), Some("nano")), "nano", "what is set to nothing is not set");
        assert_eq!(of(None, None), "vi");
    }

    #[test]
    fn editors_that_take_a_line_are_told_it_and_others_are_not() {
        assert_eq!(at_line("/usr/bin/vim", 12).as_deref(), Some("+12"));
        assert_eq!((at_line("nano", 1).as_deref(), at_line("code", 12), at_line("", 12)), (Some("+1"), None, None));
    }

    #[tokio::test]
    async fn an_editor_that_is_not_there_is_named_with_what_to_do() {
        let words = ["/no/such/editor".to_owned()];
        let failure = start(&words, Path::new("/tmp/a"), Some(7)).map(drop).unwrap_err();
        assert!(
            failure.sentence().starts_with("the editor \"/no/such/editor\" is not installed: set EDITOR"),
            "{failure}"
        );
        assert!(start(&[], Path::new("/tmp/a"), None).is_err());
    }

    #[tokio::test]
    async fn the_end_comes_though_whoever_waits_is_called_away_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let after = async |line: &str| {
            let words = ["sh", "-c", line].map(str::to_owned);
            let stage = Stage::Running(start(&words, &path, None).unwrap());
            let before = look(path.clone()).await;
            let mut lent = Lent { request: RequestId(1), name: "sh".into(), stage, path: path.clone(), before };
            let asked = async {
                loop {
                    tokio::select! {
                        biased;
                        ended = lent.ended() => break ended,
                        () = tokio::task::yield_now() => {}
                    }
                }
            };
            tokio::time::timeout(Duration::from_secs(60), asked).await.unwrap()
        };
        assert_eq!(after("exit 0").await.unwrap(), EditEnd::Unchanged, "nothing was there, and nothing is");
        assert!(after("exit 3").await.unwrap_err().what.contains("ended with code 3"));
    }

    #[tokio::test]
    async fn what_an_editor_wrote_as_it_was_is_another_file_that_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "mouse = true\n").unwrap();
        let before = look(path.clone()).await;
        // Another file under the name, as many editors save.
        std::fs::write(folder.path().join("b"), "mouse = true\n").unwrap();
        std::fs::rename(folder.path().join("b"), &path).unwrap();
        assert_ne!(before.clone().map(|seen| seen.stands), look(path.clone()).await.map(|seen| seen.stands));
        assert_eq!(end(before.clone(), look(path.clone()).await), EditEnd::Rewritten);
        let printed = format!("{before:?}");
        assert!(!printed.contains("mouse") && !printed.contains("109, 111"), "its text may be secret: {printed}");
        std::fs::write(&path, "mouse = nope\n").unwrap();
        assert_eq!(end(before, look(path).await), EditEnd::Closed);
    }

    #[test]
    fn a_file_that_nobody_could_look_at_may_have_been_written() {
        let seen = |stands| Some(Seen { stands, text: None });
        let stood = |bytes| seen(Stands::As(1, 2, bytes, 3, 4));
        assert_eq!(end(stood(1), stood(1)), EditEnd::Unchanged);
        for (before, after) in [(stood(1), stood(2)), (stood(1), None), (None, None), (seen(Stands::Nowhere), stood(1))]
        {
            assert_eq!(end(before, after), EditEnd::Closed);
        }
    }
}
