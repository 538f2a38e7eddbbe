//! OSC 52, by which a terminal is asked to put text on its own clipboard, also over SSH. It never answers, so nobody can
//! say more than "sent".

use crate::domain::{Failure, FailureKind, Result};

/// The most bytes of base64 that every common terminal takes: hterm's limit, which k9s and others hold to as well.
const MOST_ENCODED: usize = 74_994;

/// Screen drops longer strings; its oldest versions in use take 256 bytes.
const SCREEN_PIECE: usize = 240;

/// What stands between Windlass and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Nothing that would swallow the sequence.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Between {
    /// As the environment tells. `TERM` does not: tmux calls itself `screen` there.
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name| env(name).is_some_and(|value| !value.is_empty());
        match (set("TMUX"), set("STY")) {
            (true, _) => Self::Tmux,
            (false, true) => Self::Screen,
            (false, false) => Self::Nothing,
        }
    }
}

/// The bytes to write to the terminal.
///
/// # Errors
/// `Unsupported` for a text that is too long.
pub fn sequence(text: &str, between: Between) -> Result<Vec<u8>> {
    let encoded = aws_smithy_types::base64::encode(text);
    if encoded.len() > MOST_ENCODED {
        let what = format!(
            "{} bytes are too much for the terminal's clipboard, {} are the most",
            text.len(),
            MOST_ENCODED / 4 * 3
        );
        return Err(Failure::new(FailureKind::Unsupported, what).hint("select it on the screen"));
    }
    let plain = format!("\x1b]52;c;{encoded}\x07");
    Ok(match between {
        Between::Nothing => plain.into_bytes(),
        // tmux passes the plain form on with `set-clipboard on` and the wrapped one with `allow-passthrough on`.
        Between::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes(),
        Between::Screen => plain.as_bytes().chunks(SCREEN_PIECE).flat_map(screen_piece).collect(),
    })
}

fn screen_piece(piece: &[u8]) -> Vec<u8> {
    [b"\x1bP", piece, b"\x1b\\"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, between: Between) -> String {
        String::from_utf8(sequence(text, between).unwrap()).unwrap()
    }

    #[test]
    fn a_terminal_gets_the_text_in_base64() {
        assert_eq!(shown("https://x/?a=\x1b", Between::Nothing), "\x1b]52;c;aHR0cHM6Ly94Lz9hPRs=\x07");
    }

    #[test]
    fn tmux_gets_both_forms() {
        assert_eq!(shown("hi", Between::Tmux), "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }

    #[test]
    fn screen_gets_pieces_that_add_up() {
        let long = "x".repeat(1000);
        let wrapped = shown(&long, Between::Screen);
        assert!(wrapped.split("\x1b\\").all(|piece| piece.len() <= SCREEN_PIECE + 2));
        let joined = wrapped.replace("\x1b\\\x1bP", "");
        assert_eq!(joined, format!("\x1bP{}\x1b\\", shown(&long, Between::Nothing)));
    }

    #[test]
    fn what_no_terminal_takes_is_refused() {
        assert!(sequence(&"x".repeat(56_244), Between::Nothing).is_ok());
        let failure = sequence(&"x".repeat(56_247), Between::Nothing).unwrap_err();
        assert_eq!(failure.what, "56247 bytes are too much for the terminal's clipboard, 56244 are the most");
    }

    #[test]
    fn the_environment_tells_what_stands_between() {
        let of = |set: &'static str| Between::of(&move |name| (name == set).then(|| "x".to_owned()));
        assert_eq!((of("TMUX"), of("STY"), of("TERM")), (Between::Tmux, Between::Screen, Between::Nothing));
    }
}
