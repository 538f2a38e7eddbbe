//! Brings a text to the clipboard of the person at the keyboard, who may sit at another machine, and says what really
//! happened: a terminal that was asked never answers, so "copied" is only said where it is known.

use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::desktop::Desktop;
use super::osc52::{self, Between};
use crate::config::ClipboardChoice;
use crate::domain::Result;
use crate::domain::display::{display, fit};

/// How long tmux may take.
const TMUX_TIME_LIMIT: Duration = Duration::from_secs(2);

/// How much of somebody else's reason a notice repeats, in columns.
const REASON_COLUMNS: usize = 60;

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClipboardPath {
    /// `tmux load-buffer -w`, which tmux passes on to its terminal even with its default settings.
    Tmux,
    /// OSC 52.
    Osc52,
    /// The desktop's clipboard.
    System,
}

/// The way to take: what was chosen, else tmux in tmux, OSC 52 over SSH, the desktop where there is one.
pub fn path(choice: ClipboardChoice, env: &dyn Fn(&str) -> Option<String>) -> ClipboardPath {
    let set = |names: &[&str]| names.iter().any(|name| env(name).is_some_and(|value| !value.is_empty()));
    match choice {
        ClipboardChoice::Terminal => ClipboardPath::Osc52,
        ClipboardChoice::System => ClipboardPath::System,
        ClipboardChoice::Tmux => ClipboardPath::Tmux,
        ClipboardChoice::Auto if set(&["TMUX"]) => ClipboardPath::Tmux,
        ClipboardChoice::Auto if set(&["SSH_TTY", "SSH_CONNECTION"]) => ClipboardPath::Osc52,
        ClipboardChoice::Auto if cfg!(target_os = "macos") || set(&["DISPLAY", "WAYLAND_DISPLAY"]) => {
            ClipboardPath::System
        }
        ClipboardChoice::Auto => ClipboardPath::Osc52,
    }
}

/// What really happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The terminal was asked; whether it did is not known.
    SentToTerminal,
    /// tmux has it, and its terminal was asked.
    InTmuxBuffer,
    /// It is on the desktop's clipboard.
    OnClipboard,
}

impl Outcome {
    /// As a notice says it after naming the text.
    pub const fn wording(self) -> &'static str {
        match self {
            Self::SentToTerminal => "sent to your terminal",
            Self::InTmuxBuffer => "in the tmux buffer, and sent to your terminal",
            Self::OnClipboard => "copied",
        }
    }
}

/// What came of copying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What really happened, once `sequence` is written.
    pub outcome: Outcome,
    /// The same in words, with the reason where another way had to be taken.
    pub what: String,
    /// Bytes that whoever owns standard output has to write to the terminal, between two frames.
    pub sequence: Option<Vec<u8>>,
}

/// The way to the clipboard, for as long as Windlass runs.
pub struct Clipboard {
    path: ClipboardPath,
    between: Between,
    /// The command line that `load-buffer` is added to.
    tmux: &'static [&'static str],
    desktop: OnceLock<Desktop>,
}

impl Clipboard {
    /// Finds the way; nothing is started yet.
    pub fn new(choice: ClipboardChoice, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let desktop = OnceLock::new();
        Self { path: path(choice, env), between: Between::of(env), tmux: &["tmux"], desktop }
    }

    /// The way that texts take, unless it turns out to be closed.
    pub fn path(&self) -> ClipboardPath {
        self.path
    }

    /// Brings a text there. Where tmux or the desktop cannot be reached the terminal is asked, and the words say so.
    ///
    /// # Errors
    /// `Unsupported` for a text that is too long for the terminal.
    pub async fn copy(&self, text: &str) -> Result<Copied> {
        match self.path {
            ClipboardPath::Osc52 => self.ask_terminal(text, Outcome::SentToTerminal.wording().into()),
            ClipboardPath::Tmux => match load_buffer(self.tmux, text, TMUX_TIME_LIMIT).await {
                Ok(()) => Ok(done(Outcome::InTmuxBuffer)),
                Err(reason) => self.ask_terminal(text, instead("tmux did not take it", &reason)),
            },
            ClipboardPath::System => match self.desktop.get_or_init(Desktop::start).copy(text).await {
                Ok(()) => Ok(done(Outcome::OnClipboard)),
                Err(reason) => self.ask_terminal(text, instead("the desktop's clipboard cannot be reached", &reason)),
            },
        }
    }

    fn ask_terminal(&self, text: &str, what: String) -> Result<Copied> {
        let sequence = osc52::sequence(text, self.between)?;
        Ok(Copied { outcome: Outcome::SentToTerminal, what, sequence: Some(sequence) })
    }
}

fn done(outcome: Outcome) -> Copied {
    Copied { outcome, what: outcome.wording().into(), sequence: None }
}

fn instead(closed: &str, reason: &str) -> String {
    let shown = display(reason.trim());
    format!("{}, because {closed} ({})", Outcome::SentToTerminal.wording(), fit(&shown, REASON_COLUMNS))
}

/// Hands the text to tmux on its standard input, so that no process list shows a presigned URL.
async fn load_buffer(tmux: &[&str], text: &str, limit: Duration) -> Result<(), String> {
    let (program, arguments) = tmux.split_first().ok_or("no program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.kind().to_string())?;
    let stdin = child.stdin.take();
    let talk = async {
        if let Some(mut stdin) = stdin {
            // A tmux that does not listen says why when it ends.
            let _refused = stdin.write_all(text.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    match tokio::time::timeout(limit, talk).await {
        Err(_late) => Err("it did not answer".into()),
        Ok(Err(error)) => Err(error.kind().to_string()),
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(set: &'static [&'static str]) -> ClipboardPath {
        path(ClipboardChoice::Auto, &|name| set.contains(&name).then(|| "x".to_owned()))
    }

    #[test]
    fn the_way_follows_where_the_person_sits() {
        assert_eq!(auto(&["TMUX", "SSH_TTY", "DISPLAY"]), ClipboardPath::Tmux);
        assert_eq!(auto(&["SSH_TTY", "DISPLAY"]), ClipboardPath::Osc52);
        assert_eq!(auto(&["SSH_CONNECTION"]), ClipboardPath::Osc52);
        assert_eq!(auto(&["WAYLAND_DISPLAY"]), ClipboardPath::System);
        #[cfg(not(target_os = "macos"))]
        assert_eq!(auto(&[]), ClipboardPath::Osc52);
    }

    #[test]
    fn a_choice_goes_before_the_environment() {
        let env = |name: &str| (name == "TMUX").then(|| "x".to_owned());
        assert_eq!(path(ClipboardChoice::System, &env), ClipboardPath::System);
        assert_eq!(path(ClipboardChoice::Terminal, &env), ClipboardPath::Osc52);
        assert_eq!(path(ClipboardChoice::Tmux, &|_| None), ClipboardPath::Tmux);
    }

    fn with_tmux(tmux: &'static [&'static str]) -> Clipboard {
        Clipboard { tmux, ..Clipboard::new(ClipboardChoice::Tmux, &|_| None) }
    }

    #[tokio::test]
    async fn tmux_gets_the_text_on_its_input_and_not_as_an_argument() {
        let script = "test \"$*\" = 'load-buffer -w -' && test \"$(cat)\" = 'https://x/?sig=1'";
        let tmux: &[&str] = &["sh", "-c", script, "tmux"];
        assert_eq!(load_buffer(tmux, "https://x/?sig=1", TMUX_TIME_LIMIT).await, Ok(()));
        let copied = with_tmux(&["true"]).copy("text").await.unwrap();
        assert_eq!((copied.outcome, copied.sequence), (Outcome::InTmuxBuffer, None));
    }

    #[tokio::test]
    async fn a_tmux_that_refuses_is_named_and_the_terminal_is_asked() {
        let copied = with_tmux(&["sh", "-c", "echo 'no server running' >&2; exit 1"]).copy("text").await.unwrap();
        assert_eq!(copied.outcome, Outcome::SentToTerminal);
        assert_eq!(copied.what, "sent to your terminal, because tmux did not take it (no server running)");
        assert!(copied.sequence.is_some());
        let missing = with_tmux(&["/nowhere/tmux"]).copy("text").await.unwrap();
        assert!(missing.what.contains("tmux did not take it"), "{}", missing.what);
    }

    #[tokio::test]
    async fn a_tmux_that_hangs_is_not_waited_for() {
        let hangs = load_buffer(&["sh", "-c", "exec sleep 600"], "text", Duration::from_millis(20)).await;
        assert_eq!(hangs, Err("it did not answer".into()));
    }

    #[tokio::test]
    async fn a_desktop_that_is_not_there_is_named_and_the_terminal_is_asked() {
        let copied = Clipboard::new(ClipboardChoice::System, &|_| None).copy("text").await.unwrap();
        match copied.outcome {
            Outcome::OnClipboard => assert_eq!(copied.what, "copied"),
            outcome => {
                assert_eq!(outcome, Outcome::SentToTerminal);
                assert!(copied.what.contains("the desktop's clipboard cannot be reached"), "{}", copied.what);
            }
        }
    }
}
