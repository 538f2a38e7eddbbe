//! A target that is taken: what is there, what would come, and what may be done about it.

use chrono::{DateTime, Utc};
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::questions::in_room;
use super::{Drawn, buttons, open_box, room, rows_of, write};
use crate::app::dialog::{Choice, ConflictDialog};
use crate::app::effect::PlannedJob;
use crate::app::{App, Hit, Spot};
use crate::domain::display::{display, display_path, wrap};
use crate::domain::{TransferKind, format};
use crate::ui::Look;
use crate::ui::keys::fit_key;

/// Draws the question; nothing is chosen before it listens.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &ConflictDialog, app: &App) -> Drawn {
    let Some(planned) = dialog.current() else { return Drawn::default() };
    let title = match dialog.taken {
        _ if dialog.others().is_some() => "Something is there already".to_owned(),
        1 => "Something is there already".to_owned(),
        taken => format!("Something is there already: {} of {taken}", dialog.number()),
    };
    let mut lines = vec![format!("profile {}, bucket {}", dialog.profile.name, dialog.profile.bucket)];
    let mut facts = about(planned, dialog.why(), app.now());
    if let Some(unseen) = dialog.unseen(app.now()) {
        facts.insert(1, unseen);
    }
    lines.extend(facts);
    if dialog.all > 1 && dialog.why().is_none() {
        let (taken, all) = (format::count(dialog.taken as u64), format::count(dialog.all as u64));
        lines.push(format!("{taken} of {all} are there: {} would be overwritten", format::size(dialog.bytes)));
    }
    let columns = room(screen);
    let ticked = rows_of(&tick_line(dialog), columns);
    let below: Vec<String> = rows_of(&dialog.standings().into_iter().collect::<Vec<_>>(), columns);
    let mut facts: Vec<Vec<String>> = lines.iter().map(|line| wrap(&display(line), columns)).collect();
    let wanted = facts.iter().map(Vec::len).sum::<usize>() + ticked.len();
    let inner = open_box(buffer, screen, look, &title, wanted + below.len() + 2, look.theme.warning);
    let above = Rect { height: inner.height.saturating_sub(1), ..inner };
    if wanted > above.height.into() {
        // Where there is no room for all, that the answer may be for all still has its row, and a long target one.
        if let Some((target, line)) = facts.get_mut(1).zip(lines.get(1)).filter(|_| dialog.why().is_none()) {
            *target = vec![fit_key(&display(line), columns.into()).into_owned()];
        }
    }
    let facts = in_room(&facts, usize::from(above.height).saturating_sub(ticked.len()), columns);
    let tick = dialog.can_be_for_all().then(|| tick(inner, facts.len()));
    write(buffer, above, &[facts, ticked, below].concat(), look.theme.text);
    let chosen = app.listens().then_some(dialog.choice);
    let choices = Choice::ALL.map(|choice| (choice.label(), Some(choice) == chosen, Some(choice.key())));
    Drawn::around(inner).hits(buttons(buffer, inner, look, &choices)).hits(tick.flatten())
}

/// That the answer may be for others, too, and whether it is.
fn tick_line(dialog: &ConflictDialog) -> Vec<String> {
    let tick = if dialog.for_all { "✓" } else { " " };
    match dialog.others() {
        Some(others) if others > 0 => {
            vec![format!("[{tick}] and for {} more that failed so (a)", format::count(others as u64))]
        }
        _ if dialog.taken > 1 => vec![format!("[{tick}] for all that are left (a)")],
        _ => Vec::new(),
    }
}

/// Where the answer is ticked to be for all, behind so many rows.
fn tick(inner: Rect, before: usize) -> Option<Spot> {
    let y = inner.y.checked_add(u16::try_from(before).ok()?).filter(|y| *y + 1 < inner.bottom())?;
    Some(Spot { area: Rect { y, height: 1, ..inner }, hit: Hit::Press(KeyCode::Char('a')) })
}

fn about(planned: &PlannedJob, why: Option<&str>, now: DateTime<Utc>) -> Vec<String> {
    let job = &planned.job;
    let target = match (job.kind, &job.path) {
        (TransferKind::Download, Some(path)) => display_path(path),
        _ => job.key.clone(),
    };
    if let Some(why) = why {
        let size = job.size.map_or_else(String::new, |size| format!("{}, ", format::size(size)));
        let way = if job.kind == TransferKind::Download { "to" } else { "from" };
        let file = job.path.as_deref().map_or_else(String::new, display_path);
        return vec![why.to_owned(), format!("new:    {size}{way} {file}")];
    }
    let there = planned.taken.as_ref();
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "unknown size".into(), format::size);
    let when = |then: Option<_>| then.map_or_else(String::new, |then| format!(", written {}", format::age(then, now)));
    vec![
        target,
        format!("there:  {}{}", size(there.and_then(|there| there.size)), when(there.and_then(|there| there.modified))),
        format!("new:    {}{}", size(job.size), when(planned.modified)),
    ]
}
