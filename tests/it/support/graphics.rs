//! What a terminal was sent as pictures: the strings of kitty's, iTerm2's and DEC's languages, which draw nothing in a
//! terminal that knows none of them.

use super::pty::Person;

/// Letters of a string that are kept: what it is about stands at its beginning.
const KEPT: usize = 60;

/// Every such string so far, by its beginning, without the escape before it.
#[derive(Default)]
pub struct Graphics {
    state: State,
    strings: Vec<String>,
}

#[derive(Default)]
enum State {
    #[default]
    Text,
    Escape,
    String(String),
    /// An escape within a string, which ends it or is part of it.
    End(String),
}

impl Graphics {
    /// Goes on reading what the terminal is sent.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state = match (std::mem::take(&mut self.state), *byte) {
                (State::Text, 0x1b) => State::Escape,
                (State::Escape, begins @ (b'_' | b'P' | b']')) => State::String(char::from(begins).into()),
                (State::Escape | State::Text, _) => State::Text,
                (State::String(text), 0x1b) => State::End(text),
                (State::String(text), 0x07) | (State::End(text), b'\\') => self.keep(text),
                (State::String(mut text) | State::End(mut text), letter) => {
                    if text.len() < KEPT {
                        text.push(char::from(letter));
                    }
                    State::String(text)
                }
            };
        }
    }

    fn keep(&mut self, text: String) -> State {
        // Of a picture that kitty is sent in pieces only the first one says what it is.
        let is_picture =
            (text.starts_with("_G") && text.contains("a=")) || text.starts_with('P') || text.starts_with("]1337;File");
        if is_picture {
            self.strings.push(text);
        }
        State::Text
    }

    /// How many of them have that at their beginning.
    pub fn which(&self, has: &str) -> usize {
        self.strings.iter().filter(|text| text.contains(has)).count()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.strings.len()
    }
}

impl Person {
    /// Waits until something holds of the pictures that the terminal was sent.
    pub fn is_sent(&mut self, what: &str, holds: impl Fn(&Graphics) -> bool) -> &mut Self {
        let held = holds(&self.wait_while(|terminal| !terminal.closed && !holds(&terminal.graphics)).graphics);
        assert!(held, "waited in vain until {what}; the screen:\n{}", self.text());
        self
    }

    /// How many pictures, and what concerns them, it was sent.
    pub fn pictures(&self) -> usize {
        self.terminal().graphics.len()
    }
}
