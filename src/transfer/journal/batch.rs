//! Many changes as few steps: those of one kind are made by one statement, whatever stands between them, as long as the
//! changes to each transfer keep their order. Pure.

use std::collections::HashMap;

use crate::domain::TransferId;
use crate::transfer::job::Change;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Adds transfers.
    Insert,
    /// Writes transfers as they stand.
    Update,
    /// Adds acknowledged parts.
    Part,
    /// Forgets all parts.
    ForgetParts,
    /// Sets or clears wishes.
    Wish,
    /// Gives places in the queue.
    Rank,
    /// Removes what is over.
    Remove,
}

/// Changes of one kind that one statement can make, in their order.
#[derive(Debug)]
pub struct Step<'a> {
    /// What it does.
    pub kind: Kind,
    /// To which transfers; each at most once, but for parts.
    pub changes: Vec<&'a Change>,
}

/// The steps that come to the same as the changes one by one.
pub fn steps<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    // The step in which each transfer was changed last: its next change must stand in a later one.
    let mut last: HashMap<TransferId, usize> = HashMap::new();
    for change in changes {
        let (kind, id) = (kind(change), change.id());
        let earliest = match last.get(&id) {
            None => 0,
            // Parts of one transfer go together: the statement takes them in their order.
            Some(step) if kind == Kind::Part && steps.get(*step).is_some_and(|step| step.kind == kind) => *step,
            Some(step) => step + 1,
        };
        let found = steps.iter().skip(earliest).position(|step| step.kind == kind);
        let at = found.map_or(steps.len(), |position| earliest + position);
        match steps.get_mut(at) {
            Some(step) => step.changes.push(change),
            None => steps.push(Step { kind, changes: vec![change] }),
        }
        last.insert(id, at);
    }
    steps
}

fn kind(change: &Change) -> Kind {
    match change {
        Change::Insert { .. } => Kind::Insert,
        Change::Update { .. } => Kind::Update,
        Change::Part { .. } => Kind::Part,
        Change::ForgetParts(_) => Kind::ForgetParts,
        Change::Wish(..) | Change::ClearWish(_) | Change::Granted(..) => Kind::Wish,
        Change::Rank(..) => Kind::Rank,
        Change::Remove(_) => Kind::Remove,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Part;
    use crate::transfer::job::Wish;

    fn kinds(changes: &[Change]) -> Vec<(Kind, usize)> {
        steps(changes).iter().map(|step| (step.kind, step.changes.len())).collect()
    }

    fn part(id: TransferId, number: u32) -> Change {
        Change::Part { id, part: Part { number, size: 1, etag: "e".into(), checksum: None }, acknowledged: 1 }
    }

    #[test]
    fn changes_of_one_kind_go_together_whatever_stands_between() {
        let ids: Vec<TransferId> = (0..10).map(|_| TransferId::fresh()).collect();
        let changes: Vec<Change> = ids.iter().flat_map(|id| [part(*id, 1), Change::ClearWish(*id)]).collect();
        assert_eq!(kinds(&changes), [(Kind::Part, 10), (Kind::Wish, 10)]);
    }

    #[test]
    fn changes_of_one_transfer_keep_their_order() {
        let (a, b) = (TransferId::fresh(), TransferId::fresh());
        let changes = [
            part(a, 1),
            part(a, 2),
            Change::ForgetParts(a),
            part(b, 1),
            part(a, 3),
            Change::Wish(a, Wish::Pause),
            Change::ClearWish(a),
        ];
        let expected = [(Kind::Part, 3), (Kind::ForgetParts, 1), (Kind::Part, 1), (Kind::Wish, 1), (Kind::Wish, 1)];
        assert_eq!(kinds(&changes), expected);
    }
}
