//! The end of the program: asked about while anything would be left open.

use super::App;
use super::dialog::{Command, Confirm, Dialog};
use super::effect::Effect;
use crate::domain::format;

impl App {
    /// Ends, or asks whether to.
    pub(super) fn quit(&mut self) {
        let open = self.transfers.open();
        let queueing = self.out.requests.is_queueing();
        let title = match open {
            0 if !queueing => return self.out.push(Effect::Quit),
            0 => "Quit while something is being queued?".to_owned(),
            1 => "Quit with 1 open transfer?".to_owned(),
            _ => format!("Quit with {open} open transfers?"),
        };
        let lines = self.before_the_end();
        self.out.open(Dialog::Confirm(Confirm::harmless(title, lines, "quit", Command::Quit)));
    }

    /// What becomes of what is open, paused, stopped or still being looked for.
    fn before_the_end(&self) -> Vec<String> {
        let (counts, mut lines) = (self.transfers.counts(), Vec::new());
        if counts.open() > counts.requests {
            lines.push("They stay queued and go on at the next start, or with: windlass resume".into());
        }
        if counts.requests > 0 {
            lines.push("URLs of upload requests stay good; what came by them is recorded at the next start.".into());
        }
        if counts.paused > 0 {
            lines.push(match counts.paused {
                1 => "1 paused transfer stays paused.".into(),
                paused => format!("{} paused transfers stay paused.", format::count(paused as u64)),
            });
        }
        for (lane, _) in self.transfers.held().filter(|(_, hold)| hold.next_try_in.is_none()) {
            lines.push(format!("Those of profile {} wait until what stopped it is mended.", lane.profile.name));
        }
        lines.extend(self.walks_so_far());
        if self.out.requests.is_queueing() {
            lines.push("What is still being looked at is not in the queue yet: quitting now leaves it undone.".into());
        }
        lines
    }
}
