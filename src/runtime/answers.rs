//! What the terminal answers to the question for its background, caught among what is typed: it comes as keys, late or in
//! pieces. Whatever turns out to be none of it goes on in order, and Esc is never kept waiting.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use crate::config::theme::Background;

/// How every answer begins, behind the `ESC ]` that comes as Alt and a bracket.
const BEGINNING: &str = "11;rgb";

/// How long something that may be an answer is kept from whoever typed it.
const IN_DOUBT: Duration = Duration::from_secs(1);

/// How long the rest is waited for of what nobody types: a line may stall, and what is typed meanwhile may fit.
const BEYOND_DOUBT: Duration = Duration::from_secs(2);

/// How long after the question an answer is looked for: a terminal that never answers must not make Esc and a bracket wait.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// How long after the question the terminal is not given back without its answer, which would end up in the shell.
const AT_THE_END: Duration = Duration::from_millis(200);

/// What became of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// These are for the application, in this order; none while an answer may be on its way.
    Pass(Vec<Event>),
    /// The terminal has answered.
    Background(Background),
}

/// Watches for the answer.
#[derive(Debug, Default)]
pub struct Answers {
    /// When the terminal was asked, as long as it has not answered.
    asked: Option<Instant>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// No answer has begun.
    #[default]
    Between,
    /// Esc was pressed, or is the beginning of an answer that was torn apart behind it.
    BehindEsc,
    Inside(Reply),
}

/// What may become an answer.
#[derive(Debug)]
struct Reply {
    held: Vec<Event>,
    text: String,
    since: Instant,
    /// Whether the last key was Esc, which went on: its end may have been torn apart behind that.
    behind_esc: bool,
}

impl Answers {
    /// The terminal has been asked.
    pub fn asked(&mut self, now: Instant) {
        self.asked = Some(now);
    }

    /// Takes an event before the application does.
    pub fn take(&mut self, event: Event, now: Instant) -> Taken {
        // A window of another size is nothing that was typed.
        if matches!(event, Event::Resize(..)) {
            return Taken::Pass(vec![event]);
        }
        match std::mem::take(&mut self.state) {
            State::Inside(reply) => self.goes_on(reply, event, now),
            State::BehindEsc if is(&event, ']', KeyModifiers::NONE) => self.begins(event, now),
            _ if self.is_awaited(now) && is(&event, ']', KeyModifiers::ALT) => self.begins(event, now),
            _ => {
                if self.is_awaited(now) && is_escape(&event) {
                    self.state = State::BehindEsc;
                }
                Taken::Pass(vec![event])
            }
        }
    }

    fn is_awaited(&self, now: Instant) -> bool {
        self.asked.is_some_and(|asked| now < asked + FORGOTTEN)
    }

    /// When [`Answers::overdue`] has to be asked.
    pub fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Inside(reply) => Some(reply.since + if reply.is_beyond_doubt() { BEYOND_DOUBT } else { IN_DOUBT }),
            _ => None,
        }
    }

    /// What was held too long: keys after all, unless it is half an answer.
    pub fn overdue(&mut self) -> Vec<Event> {
        match std::mem::take(&mut self.state) {
            State::Inside(reply) if !reply.is_beyond_doubt() => reply.held,
            _ => Vec::new(),
        }
    }

    /// Until when an answer is waited for that was asked for just now.
    pub fn awaited_until(&self) -> Option<Instant> {
        self.asked.map(|asked| asked + AT_THE_END)
    }

    fn begins(&mut self, event: Event, now: Instant) -> Taken {
        self.state = State::Inside(Reply { held: vec![event], text: String::new(), since: now, behind_esc: false });
        Taken::Pass(Vec::new())
    }

    fn goes_on(&mut self, mut reply: Reply, event: Event, now: Instant) -> Taken {
        if !reply.is_beyond_doubt() {
            return match letter(&event).filter(|letter| reply.fits(*letter)) {
                Some(letter) => self.takes(reply, letter, event, now),
                None => self.gives_up(reply, event, now),
            };
        }
        if ends(&event) || (reply.behind_esc && is(&event, '\\', KeyModifiers::NONE)) {
            return reply.background().map_or(Taken::Pass(Vec::new()), |background| self.answered(background));
        }
        if let Some(letter) = letter(&event).filter(|letter| reply.fits(*letter)) {
            return self.takes(reply, letter, event, now);
        }
        // Typed in the middle of it, but for an Esc that its end may begin with.
        reply.behind_esc = is_escape(&event);
        self.state = State::Inside(reply);
        Taken::Pass(vec![event])
    }

    fn takes(&mut self, mut reply: Reply, letter: char, event: Event, now: Instant) -> Taken {
        reply.text.push(letter);
        reply.held.push(event);
        (reply.since, reply.behind_esc) = (now, false);
        self.state = State::Inside(reply);
        Taken::Pass(Vec::new())
    }

    /// It was no answer.
    fn gives_up(&mut self, reply: Reply, event: Event, now: Instant) -> Taken {
        let mut all = reply.held;
        match self.take(event, now) {
            Taken::Pass(more) => all.extend(more),
            Taken::Background(_) => {}
        }
        Taken::Pass(all)
    }

    fn answered(&mut self, background: Background) -> Taken {
        self.asked = None;
        Taken::Background(background)
    }
}

impl Reply {
    /// Whether nobody can have typed it.
    fn is_beyond_doubt(&self) -> bool {
        self.text.len() >= BEGINNING.len()
    }

    /// Whether an answer can go on with this letter.
    fn fits(&self, letter: char) -> bool {
        if !self.is_beyond_doubt() {
            return BEGINNING[self.text.len()..].starts_with(letter);
        }
        match self.numbers() {
            None => letter == ':' || (letter == 'a' && self.text.len() == BEGINNING.len()),
            Some(numbers) if letter == '/' => numbers.split('/').count() < 4,
            Some(numbers) => {
                letter.is_ascii_hexdigit() && numbers.rsplit('/').next().is_some_and(|last| last.len() < 4)
            }
        }
    }

    /// What stands behind the colon.
    fn numbers(&self) -> Option<&str> {
        self.text.split_once(':').map(|(_, numbers)| numbers)
    }

    /// Light or dark, by how bright red, green and blue are to the eye (ITU-R BT.601).
    fn background(&self) -> Option<Background> {
        let numbers: Vec<u32> = self.numbers()?.split('/').map(thousandths).collect::<Option<_>>()?;
        let [red, green, blue, ..] = numbers[..] else { return None };
        let bright = 299 * red + 587 * green + 114 * blue;
        Some(if bright > 500_000 { Background::Light } else { Background::Dark })
    }
}

/// One to four hexadecimal digits as thousandths of the most that they can say.
fn thousandths(digits: &str) -> Option<u32> {
    let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
    u32::from_str_radix(digits, 16).ok()?.checked_mul(1_000).map(|all| all / most)
}

/// Whether an answer ends here: a bell, or `ESC \`.
fn ends(event: &Event) -> bool {
    is(event, 'g', KeyModifiers::CONTROL) || is(event, '\\', KeyModifiers::ALT)
}

fn is(event: &Event, letter: char, modifiers: KeyModifiers) -> bool {
    matches!(event, Event::Key(key) if *key == KeyEvent::new(KeyCode::Char(letter), modifiers))
}

fn is_escape(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.code == KeyCode::Esc)
}

/// The letter that the event would type.
fn letter(event: &Event) -> Option<char> {
    match event {
        Event::Key(KeyEvent { code: KeyCode::Char(letter), modifiers, .. })
            if (*modifiers - KeyModifiers::SHIFT).is_empty() =>
        {
            Some(*letter)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events that crossterm makes of one read: Esc alone is a key, before anything else it is Alt.
    fn read(bytes: &str) -> Vec<Event> {
        let mut letters = bytes.chars().peekable();
        let mut events = Vec::new();
        while let Some(letter) = letters.next() {
            let (code, modifiers) = match letter {
                '\x1b' => match letters.next() {
                    Some(next) => (KeyCode::Char(next), KeyModifiers::ALT),
                    None => (KeyCode::Esc, KeyModifiers::NONE),
                },
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                upper if upper.is_uppercase() => (KeyCode::Char(upper), KeyModifiers::SHIFT),
                letter => (KeyCode::Char(letter), KeyModifiers::NONE),
            };
            events.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        events
    }

    /// What comes of reads in which the terminal's answer may be: the keys that are left, and the background.
    fn heard(reads: &[&str]) -> (Vec<Event>, Option<Background>) {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.asked(now);
        let (mut keys, mut background) = (Vec::new(), None);
        for event in reads.iter().flat_map(|bytes| read(bytes)) {
            match answers.take(event, now) {
                Taken::Pass(events) => keys.extend(events),
                Taken::Background(told) => background = Some(told),
            }
        }
        keys.extend(answers.overdue());
        (keys, background)
    }

    const WHITE: &str = "\x1b]11;rgb:ffff/ffff/ffff";

    #[test]
    fn an_answer_of_any_form_is_no_key() {
        for (answer, background) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", Background::Light),
            ("\x1b]11;rgb:FDF6/E3E3/1111\x1b\\", Background::Light),
            ("\x1b]11;rgb:28/2c/34\x07", Background::Dark),
            ("\x1b]11;rgb:0/0/0\x07", Background::Dark),
            ("\x1b]11;rgba:eeee/eeee/eeee/0000\x1b\\", Background::Light),
            ("\x1b]11;rgb:0000/0000/ffff\x07", Background::Dark),
        ] {
            assert_eq!(heard(&[answer]), (Vec::new(), Some(background)), "{answer:?}");
        }
    }

    #[test]
    fn it_may_come_in_any_two_pieces_and_only_its_escs_are_keys_then() {
        let whole = format!("{WHITE}\x1b\\");
        for at in 1..whole.len() {
            let (one, other) = whole.split_at(at);
            let (keys, background) = heard(&[one, other]);
            assert_eq!(background, Some(Background::Light), "{one:?}");
            assert_eq!(keys, if one.ends_with('\x1b') { read("\x1b") } else { Vec::new() }, "{one:?}");
        }
    }

    #[test]
    fn keys_around_and_inside_an_answer_all_arrive() {
        let (keys, background) = heard(&["jk", "\x1b]11;rgb:ff", "q", "ff/ffff/ffff\x07", "l"]);
        assert_eq!((keys, background), (read("jkql"), Some(Background::Light)));
    }

    #[test]
    fn what_is_no_answer_goes_on_in_order() {
        for reads in [
            &["\x1b]", "j"][..],
            &["\x1b]1", "12"],
            &["\x1b]11;", "\x1b]11;", "x"],
            &["\x1b", "]x"],
            &["]11;rgb:0/0/0"],
            &["\x1b]11;rg\x07"],
            &["\x1b", "\x1b", "j"],
            &["\x1b]11"],
        ] {
            let typed: Vec<Event> = reads.iter().flat_map(|bytes| read(bytes)).collect();
            assert_eq!(heard(reads), (typed, None), "{reads:?}");
        }
    }

    #[test]
    fn half_an_answer_is_never_typed_and_a_wrong_one_is_none() {
        assert_eq!(heard(&["\x1b]11;rgb:ff"]), (Vec::new(), None));
        assert_eq!(heard(&["\x1b]11;rgb:ff/ff\x07j"]), (read("j"), None));
    }

    #[test]
    fn who_has_not_been_asked_answers_nothing() {
        let now = Instant::now();
        let mut answers = Answers::default();
        for event in read("\x1b]11;rgb:0/0/0\x07") {
            assert_eq!(answers.take(event.clone(), now), Taken::Pass(vec![event]));
        }
        assert_eq!((answers.due(), answers.awaited_until()), (None, None));
    }

    #[test]
    fn esc_is_never_held_and_doubts_end() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.asked(now);
        assert_eq!(answers.take(read("\x1b").remove(0), now), Taken::Pass(read("\x1b")));
        assert_eq!(answers.due(), None);
        assert_eq!(answers.take(read("]").remove(0), now), Taken::Pass(Vec::new()));
        assert_eq!(answers.due(), Some(now + IN_DOUBT));
        assert_eq!(answers.overdue(), read("]"));
        assert_eq!(answers.due(), None);
    }

    #[test]
    fn a_terminal_that_never_answers_is_forgotten() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.asked(now);
        for event in read("\x1b]x").into_iter().chain(read("\x1b")).chain(read("]")) {
            assert_eq!(answers.take(event.clone(), now + FORGOTTEN), Taken::Pass(vec![event]));
        }
        assert_eq!(answers.due(), None);
    }

    #[test]
    fn a_window_of_another_size_disturbs_no_answer() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.asked(now);
        let mut events = read(&format!("{WHITE}\x07"));
        let last = events.pop().unwrap();
        events.insert(1, Event::Resize(80, 24));
        let passed: Vec<Taken> = events.into_iter().map(|event| answers.take(event, now)).collect();
        assert_eq!(passed.iter().filter(|taken| **taken != Taken::Pass(Vec::new())).count(), 1);
        assert_eq!(answers.take(last, now), Taken::Background(Background::Light));
    }
}
