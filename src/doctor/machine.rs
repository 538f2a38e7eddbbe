//! What is on this machine: the profile as it is configured, files with secrets, the way to the clipboard, colours.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Patient;
use super::report::{Report, Verdict};
use crate::config::exposed::exposed_secrets;
use crate::config::{ProfileSlot, ProfileSource, keymap, theme};
use crate::domain::Failure;
use crate::domain::finding::{Check, Status};
use crate::terminal::ClipboardPath;
use crate::terminal::clipboard;
use crate::transfer::Connection;

/// How long tmux may take.
const TMUX: Duration = Duration::from_secs(2);

/// Everything but the configuration, which the opened profile tells.
pub async fn look(patient: &Patient, report: &Report) {
    report.say(Check::Secrets, secrets(patient)).await;
    report.say(Check::Terminal, terminal(&|name| (patient.variables)(name))).await;
    report.run(Check::Clipboard, clipboard(patient)).await;
}

/// A profile that could be opened, and what was odd when the configuration was read.
pub fn configuration(patient: &Patient, connection: &Connection) -> Verdict {
    let profile = &connection.profile;
    let of = if profile.source == ProfileSource::BuiltIn { "," } else { " of" };
    let what = format!("profile {} ({}){of} {}", profile.name, profile.provider.title(), profile.source.label());
    // A warning about secrets is told by the check of secrets.
    let config = patient.services.config();
    let (_, odd_keys) = keymap::load(&keymap::beside(&config.file));
    let (_, odd_styles) = theme::load(&config.settings.theme, &config.file);
    let odd = config.warnings.iter().chain(&odd_keys).chain(&odd_styles);
    oddities(odd.filter(|warning| !warning.hint.as_deref().unwrap_or_default().starts_with("chmod")))
        .unwrap_or_else(|| Verdict::ok(what))
}

/// All that is odd, each for itself; none where nothing is.
fn oddities<'a>(mut odd: impl Iterator<Item = &'a Failure>) -> Option<Verdict> {
    let first = odd.next()?.clone().beside(odd.cloned());
    Some(Verdict { status: Status::Warn, ..first.into() })
}

fn secrets(patient: &Patient) -> Verdict {
    let config = patient.services.config();
    let slot = config.profiles.iter().find(|slot: &&ProfileSlot| slot.name == patient.profile);
    let exposed = match slot.map(|slot| &slot.source) {
        Some(ProfileSource::File(file)) => exposed_secrets(file, false),
        Some(ProfileSource::EnvFile(file)) => exposed_secrets(file, true),
        _ => return Verdict::skip("no file holds this profile's secrets"),
    };
    match exposed {
        Some(failure) => Verdict::warn(failure.what, failure.hint.unwrap_or_default()),
        None => Verdict::ok("nobody else on this machine can read them"),
    }
}

/// Which colours the terminal says that it has.
fn terminal(env: &dyn Fn(&str) -> Option<String>) -> Verdict {
    let value = |name| env(name).filter(|value| !value.is_empty());
    let term = value("TERM").unwrap_or_default();
    match (value("NO_COLOR"), value("COLORTERM").as_deref()) {
        (Some(_), _) => Verdict::ok("NO_COLOR is set: no colours are used"),
        (None, Some("truecolor" | "24bit")) => Verdict::ok("16 million colours"),
        _ if term.contains("256color") || term.contains("direct") => Verdict::ok(format!("256 colours (TERM={term})")),
        _ if term.is_empty() || term == "dumb" => {
            Verdict::warn("TERM does not name a terminal that can be drawn on", "start the screen in a terminal")
        }
        _ => Verdict::warn(
            format!("16 colours, as far as TERM={term} tells"),
            "if the terminal has more, set COLORTERM=truecolor or a TERM that ends in -256color",
        ),
    }
}

async fn clipboard(patient: &Patient) -> Verdict {
    let choice = patient.services.config().settings.clipboard;
    match clipboard::path(choice, &|name| (patient.variables)(name)) {
        ClipboardPath::System => Verdict::ok("the desktop's clipboard"),
        ClipboardPath::Osc52 => Verdict::skip(
            "the terminal is asked by OSC 52: whether it does so is its setting, which nobody can look up",
        ),
        ClipboardPath::Tmux => tmux(tmux_setting("set-clipboard").await, tmux_setting("allow-passthrough").await),
    }
}

/// The value of a setting of the tmux that we are in; the reason where it does not say.
async fn tmux_setting(name: &str) -> Result<String, String> {
    let asked = Command::new("tmux").args(["show", "-gv", name]).stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(TMUX, asked).await {
        Err(_late) => Err("it does not answer".into()),
        Ok(Err(error)) => Err(error.kind().to_string()),
        Ok(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(Ok(output)) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// `set-clipboard` decides whether tmux passes on what programs and its own buffers hold (tmux manual, "set-clipboard").
fn tmux(set_clipboard: Result<String, String>, passthrough: Result<String, String>) -> Verdict {
    let all = "add to ~/.tmux.conf: set -g set-clipboard on";
    match (set_clipboard.as_deref(), passthrough.as_deref()) {
        (Err(why), _) => Verdict::warn(format!("tmux does not say how it treats the clipboard ({why})"), all),
        (Ok("off"), Ok("on" | "all")) => {
            Verdict::warn("tmux keeps the clipboard to itself (set-clipboard off), but passes sequences on", all)
        }
        (Ok("off"), _) => Verdict::fail(
            "tmux keeps the clipboard to itself: set-clipboard is off",
            format!("{all}, and: set -g allow-passthrough on"),
        ),
        (Ok(value), _) => Verdict::ok(format!("tmux takes it and asks its terminal (set-clipboard {value})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;

    fn of(set: &'static [(&'static str, &'static str)]) -> Verdict {
        terminal(&|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn colours_are_what_the_terminal_says() {
        assert_eq!(of(&[("COLORTERM", "truecolor")]).detail, "16 million colours");
        assert_eq!(of(&[("TERM", "xterm-256color")]).detail, "256 colours (TERM=xterm-256color)");
        assert_eq!(of(&[("TERM", "xterm")]).status, Status::Warn);
        assert_eq!(of(&[]).hint.as_deref(), Some("start the screen in a terminal"));
        assert_eq!(of(&[("NO_COLOR", "1")]).status, Status::Ok);
    }

    #[test]
    fn all_that_is_odd_is_told_each_for_itself() {
        let odd = |what: &str| Failure::new(FailureKind::ReadOnly, what).hint("look");
        let told = oddities([odd("a"), odd("b"), odd("c")].iter()).unwrap();
        assert_eq!((told.status, told.detail.as_str(), told.hint.as_deref()), (Status::Warn, "a", Some("look")));
        assert_eq!(told.further.iter().map(|remark| remark.detail.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        assert!(oddities([].iter()).is_none());
    }

    #[test]
    fn tmux_is_told_the_exact_lines() {
        let said = |value: &str| Ok(value.to_owned());
        let off = tmux(said("off"), said("off"));
        let lines = "add to ~/.tmux.conf: set -g set-clipboard on, and: set -g allow-passthrough on";
        assert_eq!((off.status, off.hint.as_deref()), (Status::Fail, Some(lines)));
        assert_eq!(tmux(said("off"), said("on")).status, Status::Warn);
        assert_eq!(tmux(said("external"), said("off")).status, Status::Ok);
        assert_eq!(tmux(Err("no server running".into()), said("off")).status, Status::Warn);
    }
}
