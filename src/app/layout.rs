//! Where everything is on a screen of a given size. Drawing and updating share it: the page length of a list and what a
//! click hits follow from the same rectangles that are drawn.

use ratatui::layout::{Position, Rect, Size};

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Local files.
    Local,
    /// Records or objects.
    Remote,
    /// The queue.
    Transfers,
}

impl Pane {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Local, Self::Remote, Self::Transfers];

    /// The pane so many further on.
    pub(crate) fn next(self, steps: usize) -> Self {
        let index = Self::ALL.iter().position(|pane| *pane == self).unwrap_or(0);
        Self::ALL.get((index + steps) % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// From so many columns on, two panes stand side by side.
pub const TWO_PANES_FROM: u16 = 72;

/// From so many rows on, the queue is shown below the panes even without the focus.
pub const TRANSFERS_FROM: u16 = 16;

/// From so many columns on, the inspector stands beside both file panes.
pub const INSPECTOR_BESIDE_FROM: u16 = 140;

/// From so many rows on, where one file pane fits, the inspector takes the lower half of them.
pub const INSPECTOR_BELOW_FROM: u16 = 16;

/// How much room the inspector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inspecting {
    /// It is closed.
    #[default]
    No,
    /// Some, with the list that it follows.
    Beside,
    /// All of it.
    Alone,
}

/// What the geometry depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The terminal's size.
    pub size: Size,
    /// The pane with the focus.
    pub focus: Pane,
    /// Of Local and Remote the one that had the focus last: it is shown where only one fits.
    pub files: Pane,
    /// The focused pane is alone.
    pub zoomed: bool,
    /// How many transfers there are.
    pub transfers: usize,
    /// How many profiles stand still.
    pub held: usize,
    /// How much room the inspector has.
    pub inspecting: Inspecting,
}

/// The rectangles; a pane that is not shown has none. Panes include their borders, one cell on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// One row at the top.
    pub header: Rect,
    /// The pane Local.
    pub local: Option<Rect>,
    /// The pane Remote.
    pub remote: Option<Rect>,
    /// The pane Transfers.
    pub transfers: Option<Rect>,
    /// The inspector.
    pub inspector: Option<Rect>,
    /// Rows at the top of the transfers that say which profiles stand still.
    pub held: u16,
    /// One row at the bottom.
    pub hints: Rect,
}

impl Layout {
    /// The rectangles of that shape.
    pub fn of(shape: &Shape) -> Self {
        let Size { width, height } = shape.size;
        let header = Rect::new(0, 0, width, height.min(1));
        let hints = Rect::new(0, height.saturating_sub(1), width, height.saturating_sub(1).min(1));
        let body = Rect::new(0, 1, width, height.saturating_sub(2));
        let mut layout = Self { header, hints, ..Self::default() };
        if shape.inspecting == Inspecting::Alone {
            layout.inspector = Some(body);
            return layout;
        }
        if shape.zoomed {
            layout.place(shape.focus, body);
            layout.place_held(shape.held);
            return layout;
        }
        let queue = queue_height(shape, body.height);
        let files = Rect { height: body.height - queue, ..body };
        if queue > 0 {
            layout.transfers = Some(Rect { y: files.bottom(), height: queue, ..body });
        }
        if files.height > 0 {
            layout.place_files(shape, files);
        }
        layout.place_held(shape.held);
        layout
    }

    /// Half of the pane at most: what waits is to be seen too.
    fn place_held(&mut self, held: usize) {
        let room = self.transfers.map_or(0, |area| area.height.saturating_sub(2) / 2);
        self.held = u16::try_from(held).unwrap_or(u16::MAX).min(room);
    }

    fn place(&mut self, pane: Pane, area: Rect) {
        match pane {
            Pane::Local => self.local = Some(area),
            Pane::Remote => self.remote = Some(area),
            Pane::Transfers => self.transfers = Some(area),
        }
    }

    fn place_files(&mut self, shape: &Shape, area: Rect) {
        match shape.inspecting {
            Inspecting::Beside => self.place_inspector(shape.files, area),
            _ => self.place_lists(shape.files, area),
        }
    }

    /// A third column where there is room; else it stands in place of the other file pane, below the list, or alone.
    fn place_inspector(&mut self, files: Pane, area: Rect) {
        if area.width >= INSPECTOR_BESIDE_FROM {
            let width = area.width / 3;
            self.place_lists(files, Rect { width: area.width - width, ..area });
            self.inspector = Some(Rect { x: area.right() - width, width, ..area });
        } else if area.width >= TWO_PANES_FROM {
            self.place_beside(files, area);
        } else if area.height >= INSPECTOR_BELOW_FROM {
            let height = area.height / 2;
            self.place(files, Rect { height: area.height - height, ..area });
            self.inspector = Some(Rect { y: area.bottom() - height, height, ..area });
        } else {
            self.inspector = Some(area);
        }
    }

    /// In place of the other file pane, and a little wider than the list: fields take more room than names.
    fn place_beside(&mut self, files: Pane, area: Rect) {
        let list = left_half(area.width);
        let width = area.width - list;
        let (list_at, at) = if files == Pane::Local { (area.x, area.x + list) } else { (area.x + width, area.x) };
        self.place(files, Rect { x: list_at, width: list, ..area });
        self.inspector = Some(Rect { x: at, width, ..area });
    }

    fn place_lists(&mut self, files: Pane, area: Rect) {
        if area.width < TWO_PANES_FROM {
            self.place(files, area);
            return;
        }
        // The remote pane shows more columns, hence gets what is left over and a little more.
        let left = left_half(area.width);
        self.local = Some(Rect { width: left, ..area });
        self.remote = Some(Rect { x: area.x + left, width: area.width - left, ..area });
    }

    /// The pane's rectangle, where it is shown.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        match pane {
            Pane::Local => self.local,
            Pane::Remote => self.remote,
            Pane::Transfers => self.transfers,
        }
    }

    /// How many list rows fit into the pane.
    pub fn page(&self, pane: Pane) -> usize {
        let above = self.above(pane);
        self.pane(pane).map_or(0, |area| usize::from(area.height.saturating_sub(2 + above)))
    }

    /// Rows inside the pane that stand above its list.
    fn above(&self, pane: Pane) -> u16 {
        if pane == Pane::Transfers { self.held } else { 0 }
    }

    /// The pane at a cell, and which of its list rows, counted from the first on the screen; `None` on a border.
    pub fn hit(&self, column: u16, row: u16) -> Option<(Pane, Option<usize>)> {
        let cell = Position::new(column, row);
        let pane = Pane::ALL.into_iter().find(|pane| self.pane(*pane).is_some_and(|area| area.contains(cell)))?;
        let area = self.pane(pane)?;
        let first = area.top() + 1 + self.above(pane);
        let inside = row >= first && row + 1 < area.bottom();
        Some((pane, inside.then(|| usize::from(row - first))))
    }

    /// The pane whose right border is at a cell, and which of the border's rows, corners apart.
    pub fn scroll_bar_at(&self, cell: Position) -> Option<(Pane, usize)> {
        let on_it = |area: Rect| cell.x + 1 == area.right() && cell.y > area.y && cell.y + 1 < area.bottom();
        let pane = Pane::ALL.into_iter().find(|pane| self.pane(*pane).is_some_and(on_it))?;
        Some((pane, usize::from(cell.y - self.pane(pane)?.y - 1)))
    }
}

/// How many rows of text a scrolling dialog (help, messages) shows on a screen of that size; whoever draws one keeps to
/// it, so that scrolling ends where the text does.
pub fn scroll_page(size: Size) -> usize {
    // Two rows stay free above and below, and on a low screen only the first one and the last.
    let around = if size.height < TRANSFERS_FROM { 4 } else { 6 };
    usize::from(size.height.saturating_sub(around).max(1))
}

/// How many columns of text a scrolling dialog shows on a screen of that size, borders and blanks apart.
pub fn scroll_columns(size: Size) -> u16 {
    size.width.min(WIDEST_SCROLL).saturating_sub(4)
}

/// How many columns of text a question has on a screen of that size.
pub fn question_columns(size: Size) -> u16 {
    size.width.min(WIDEST_QUESTION).saturating_sub(4)
}

/// How many rows of text a question has at most above its buttons.
pub fn question_page(size: Size) -> usize {
    usize::from(box_rows(size.height).saturating_sub(3))
}

/// How many rows a box has at most, borders included: on a very low screen it leaves only the last one, so that there is one
/// for what it is about.
pub fn box_rows(height: u16) -> u16 {
    height.saturating_sub(2).max(height.saturating_sub(1).min(4))
}

/// Widest question, borders included.
pub const WIDEST_QUESTION: u16 = 76;

/// Widest scrolling dialog, borders included.
pub const WIDEST_SCROLL: u16 = 100;

/// Columns of the narrower of two panes.
const fn left_half(width: u16) -> u16 {
    width - width / 2 - width / 20
}

/// The queue's rows, borders included: more while it has the focus, none on a low screen without it.
fn queue_height(shape: &Shape, body: u16) -> u16 {
    let focused = shape.focus == Pane::Transfers;
    if shape.size.height < TRANSFERS_FROM {
        return if focused { body } else { 0 };
    }
    let most = if focused { body / 2 } else { body / 4 };
    // A profile that stands still takes two rows, so that there is one for what waits.
    let rows = shape.transfers.saturating_add(shape.held).max(2 * shape.held);
    let wanted = u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, most.saturating_sub(2).max(1));
    wanted + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(width: u16, height: u16) -> Shape {
        let size = Size { width, height };
        let inspecting = Inspecting::No;
        Shape { size, focus: Pane::Local, files: Pane::Local, zoomed: false, transfers: 0, held: 0, inspecting }
    }

    #[test]
    fn a_wide_screen_has_two_panes_and_the_queue() {
        let layout = Layout::of(&shape(120, 36));
        let (local, remote, queue) = (layout.local.unwrap(), layout.remote.unwrap(), layout.transfers.unwrap());
        assert_eq!(local.width + remote.width, 120);
        assert_eq!(1 + local.height + queue.height + 1, 36);
        assert_eq!(queue.bottom(), layout.hints.top());
    }

    #[test]
    fn eighty_columns_have_two_panes() {
        let layout = Layout::of(&shape(80, 24));
        assert!(layout.local.is_some() && layout.remote.is_some() && layout.transfers.is_some());
    }

    #[test]
    fn forty_by_ten_has_one_pane_and_the_queue_takes_its_place() {
        let small = shape(40, 10);
        let layout = Layout::of(&small);
        assert_eq!((layout.page(Pane::Local), layout.remote, layout.transfers), (6, None, None));
        let layout = Layout::of(&Shape { focus: Pane::Transfers, ..small });
        assert_eq!((layout.local, layout.page(Pane::Transfers)), (None, 6));
    }

    #[test]
    fn a_zoomed_pane_is_alone() {
        let layout = Layout::of(&Shape { zoomed: true, focus: Pane::Remote, ..shape(120, 36) });
        assert_eq!((layout.local, layout.transfers, layout.page(Pane::Remote)), (None, None, 32));
    }

    #[test]
    fn no_size_makes_it_fail() {
        for (width, height) in [(0, 0), (1, 1), (2, 2), (500, 3), (3, 500), (u16::MAX, u16::MAX)] {
            let rooms = [Inspecting::No, Inspecting::Beside, Inspecting::Alone];
            for (focus, inspecting) in Pane::ALL.into_iter().flat_map(|pane| rooms.map(|room| (pane, room))) {
                let shape = Shape { focus, inspecting, transfers: 70_000, ..shape(width, height) };
                let layout = Layout::of(&shape);
                assert!(Pane::ALL.iter().all(|pane| layout.page(*pane) <= usize::from(height)));
            }
        }
    }

    #[test]
    fn the_inspector_finds_room_beside_in_place_of_below_or_alone() {
        let with = |width, height, files| {
            let layout =
                Layout::of(&Shape { files, focus: files, inspecting: Inspecting::Beside, ..shape(width, height) });
            (layout.local.is_some(), layout.remote.is_some(), layout.inspector.unwrap())
        };
        let (local, remote, wide) = with(160, 48, Pane::Local);
        assert!(local && remote && wide.right() == 160);
        let (local, remote, right) = with(120, 36, Pane::Local);
        assert!(local && !remote && right.right() == 120);
        let (local, remote, left) = with(80, 24, Pane::Remote);
        assert!(!local && remote && left.x == 0);
        let (local, _, below) = with(60, 24, Pane::Local);
        assert!(local && below.width == 60 && below.y > 9);
        let (local, remote, alone) = with(40, 10, Pane::Local);
        assert!(!local && !remote && alone.height == 8);
        let zoomed = Layout::of(&Shape { inspecting: Inspecting::Alone, ..shape(120, 36) });
        assert_eq!((zoomed.local, zoomed.transfers, zoomed.inspector.unwrap().height), (None, None, 34));
    }

    #[test]
    fn a_click_hits_a_row_or_a_border() {
        let layout = Layout::of(&shape(120, 36));
        assert_eq!(layout.hit(5, 2), Some((Pane::Local, Some(0))));
        assert_eq!(layout.hit(5, 1), Some((Pane::Local, None)));
        assert_eq!(layout.hit(119, 3), Some((Pane::Remote, Some(1))));
        assert_eq!(layout.hit(5, 0), None);
    }
}
