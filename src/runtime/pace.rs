//! When the next frame is drawn. What a person did is drawn at once; what merely goes on by itself waits over a slow line
//! until the last frame is a while ago, and goes along with whatever is drawn before.

use std::time::{Duration, Instant};

use crate::app::Message;

/// The least time between two frames that show nothing but progress, over SSH.
const OVER_SSH: Duration = Duration::from_millis(250);

/// What has changed since the last frame, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// Something that has to be seen at once.
    Now,
    /// Something that may wait until then.
    By(Instant),
    /// Nothing.
    None,
}

/// The pace of frames.
#[derive(Debug)]
pub struct Pace {
    /// The least time between two frames of progress.
    progress: Duration,
    change: Change,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
}

impl Pace {
    /// The pace of a terminal whose surroundings `set` tells: whether a variable is set.
    pub fn of(set: impl Fn(&str) -> bool) -> Self {
        let slow = set("SSH_TTY") || set("SSH_CONNECTION");
        let progress = if slow { OVER_SSH } else { Duration::ZERO };
        Self { progress, change: Change::Now, drawn: None }
    }

    /// Takes note of what the message changes.
    pub fn comes(&mut self, message: &Message) {
        let change = if goes_on_by_itself(message) { self.next_progress() } else { Change::Now };
        self.change = self.change.min(change);
    }

    /// The next frame is drawn at once.
    pub fn hurry(&mut self) {
        self.change = Change::Now;
    }

    /// Whether a frame is to be drawn now; it counts as drawn then.
    pub fn draws(&mut self, now: Instant) -> bool {
        let due = match self.change {
            Change::Now => true,
            Change::By(moment) => moment <= now,
            Change::None => false,
        };
        if due {
            (self.change, self.drawn) = (Change::None, Some(now));
        }
        due
    }

    /// When a frame has to be drawn that nothing else brings about.
    pub fn next(&self) -> Option<Instant> {
        match self.change {
            Change::By(moment) => Some(moment),
            Change::Now | Change::None => None,
        }
    }

    fn next_progress(&self) -> Change {
        self.drawn.map_or(Change::Now, |drawn| Change::By(drawn + self.progress))
    }
}

/// Whether nobody waits for this: the queue's snapshots, what is counted, and what time alone brings about.
fn goes_on_by_itself(message: &Message) -> bool {
    matches!(message, Message::Queue { .. } | Message::Walking { .. } | Message::Counting { .. } | Message::Tick { .. })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use crossterm::event::Event;

    use super::*;
    use crate::domain::transfer::QueueView;

    fn progress() -> Message {
        Message::Queue { view: Arc::new(QueueView::default()), now: DateTime::UNIX_EPOCH }
    }

    fn key() -> Message {
        Message::Input { event: Event::FocusGained, now: DateTime::UNIX_EPOCH }
    }

    /// How many frames a minute of snapshots takes, ten a second, where the loop wakes up for each and for the pace.
    fn frames_of_a_minute(pace: &mut Pace) -> usize {
        let start = Instant::now();
        let mut frames = usize::from(pace.draws(start));
        for snapshot in 0..600_u32 {
            let mut now = start + Duration::from_millis(100) * snapshot;
            pace.comes(&progress());
            frames += usize::from(pace.draws(now));
            let then = now + Duration::from_millis(100);
            while let Some(next) = pace.next().filter(|next| *next < then) {
                now = next.max(now);
                frames += usize::from(pace.draws(now));
            }
        }
        frames
    }

    #[test]
    fn over_ssh_a_running_transfer_takes_four_frames_a_second_at_most() {
        for variable in ["SSH_TTY", "SSH_CONNECTION"] {
            let frames = frames_of_a_minute(&mut Pace::of(|name| name == variable));
            assert!((230..=241).contains(&frames), "{frames} frames in a minute");
        }
    }

    #[test]
    fn at_the_machine_itself_every_snapshot_is_drawn() {
        assert_eq!(frames_of_a_minute(&mut Pace::of(|_| false)), 601);
    }

    #[test]
    fn a_key_is_drawn_at_once_and_takes_the_progress_along() {
        let mut pace = Pace::of(|_| true);
        let start = Instant::now();
        assert!(pace.draws(start));
        pace.comes(&progress());
        assert!(!pace.draws(start + Duration::from_millis(1)));
        pace.comes(&key());
        assert!(pace.draws(start + Duration::from_millis(2)));
        assert_eq!((pace.next(), pace.draws(start + OVER_SSH * 2)), (None, false));
    }

    #[test]
    fn progress_after_a_rest_is_drawn_at_once() {
        let mut pace = Pace::of(|_| true);
        let start = Instant::now();
        assert!(pace.draws(start));
        pace.comes(&progress());
        assert!(pace.draws(start + OVER_SSH));
    }
}
