//! The order in which waiting transfers come: how some of them are moved by one place. Pure.

use std::collections::HashSet;

use super::Towards;
use crate::domain::TransferId;

/// A transfer and its rank.
type Ranked = (TransferId, i64);

/// Moves the chosen ones by one place among those that wait, together and in their order; those at the end stay there.
/// `waiting` is in queue order. Answers with the ranks that change, and how many of the chosen moved.
pub fn shifted(waiting: &[Ranked], chosen: &HashSet<TransferId>, towards: Towards) -> (Vec<Ranked>, usize) {
    let mut order: Vec<TransferId> = waiting.iter().map(|(id, _)| *id).collect();
    if towards == Towards::Back {
        order.reverse();
    }
    for at in 1..order.len() {
        let (before, here) = (order.get(at - 1), order.get(at));
        if before.is_some_and(|id| !chosen.contains(id)) && here.is_some_and(|id| chosen.contains(id)) {
            order.swap(at - 1, at);
        }
    }
    if towards == Towards::Back {
        order.reverse();
    }
    let changed = order.into_iter().zip(waiting).filter(|(id, (before, _))| id != before);
    let ranks: Vec<Ranked> = changed.map(|(id, (_, rank))| (id, *rank)).collect();
    let moved = ranks.iter().filter(|(id, _)| chosen.contains(id)).count();
    (ranks, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six that wait, with gaps between their ranks.
    fn six() -> Vec<Ranked> {
        (0..6).map(|number| (TransferId::fresh(), number * 10)).collect()
    }

    /// Their order after the chosen ones were moved, and how many moved.
    fn after(chosen: &[usize], towards: Towards) -> (Vec<usize>, usize) {
        let mut waiting = six();
        let ids: Vec<TransferId> = waiting.iter().map(|(id, _)| *id).collect();
        let (ranks, moved) = shifted(&waiting, &chosen.iter().map(|at| ids[*at]).collect(), towards);
        for (id, rank) in ranks {
            waiting.iter_mut().find(|(known, _)| *known == id).unwrap().1 = rank;
        }
        waiting.sort_by_key(|(_, rank)| *rank);
        (waiting.iter().map(|(id, _)| ids.iter().position(|known| known == id).unwrap()).collect(), moved)
    }

    #[test]
    fn the_chosen_ones_move_by_one_place_together() {
        assert_eq!(after(&[2, 3], Towards::Front), (vec![0, 2, 3, 1, 4, 5], 2));
        assert_eq!(after(&[2, 3], Towards::Back), (vec![0, 1, 4, 2, 3, 5], 2));
        assert_eq!(after(&[1, 4], Towards::Front), (vec![1, 0, 2, 4, 3, 5], 2));
    }

    #[test]
    fn those_at_the_end_stay_and_are_not_overtaken() {
        assert_eq!(after(&[0, 1], Towards::Front), (vec![0, 1, 2, 3, 4, 5], 0));
        assert_eq!(after(&[0, 2], Towards::Front), (vec![0, 2, 1, 3, 4, 5], 1));
        assert_eq!(after(&[4, 5], Towards::Back), (vec![0, 1, 2, 3, 4, 5], 0));
    }

    #[test]
    fn nothing_chosen_changes_nothing() {
        assert_eq!(after(&[], Towards::Back), (vec![0, 1, 2, 3, 4, 5], 0));
    }
}
