use std::pin::Pin;

use futures::FutureExt;

use super::*;
use crate::transfer::tests::profile;

const BOUNDS: Bounds = Bounds { most: 32, least: 8, beyond: 0, few: 0 };

/// Takes so much in pieces of 8, as much of it as can be had now.
fn take(shares: &Arc<Shares>, whose: &Whose, pieces: usize) -> Vec<Held> {
    take_as(shares, whose, Weight::Small, pieces)
}

fn take_as(shares: &Arc<Shares>, whose: &Whose, weight: Weight, pieces: usize) -> Vec<Held> {
    (0..pieces).filter_map(|_| shares.take(whose.clone(), weight, 8).now_or_never().flatten()).collect()
}

fn files<const N: usize>() -> [Weight; N] {
    std::array::from_fn(|_| Weight::Large(TransferId::fresh()))
}

fn waits<F: Future>(asked: &mut Pin<Box<F>>) -> bool {
    asked.as_mut().now_or_never().is_none()
}

fn whose(name: &str) -> Whose {
    Some(profile(name))
}

#[test]
fn who_is_alone_may_have_all_of_it_and_what_is_larger_goes_alone() {
    let (shares, one) = (Shares::new(BOUNDS), whose("one"));
    let held = take(&shares, &one, 9);
    assert_eq!(held.len(), 4);
    drop(held);
    let large = shares.take(one.clone(), Weight::Small, 100).now_or_never();
    assert!(large.is_some());
    assert_eq!(take(&shares, &one, 1).len(), 0);
    drop(large);
    assert_eq!(take(&shares, &one, 1).len(), 1);
}

#[test]
fn a_little_is_there_for_everyone_whoever_holds_the_rest() {
    let (shares, slow) = (Shares::new(BOUNDS), whose("slow"));
    let held = take(&shares, &slow, 4);
    for name in ["other", "third"] {
        let whose = whose(name);
        assert_eq!(take(&shares, &whose, 3).len(), 1, "{name}");
        assert_eq!(take(&shares, &whose, 1).len(), 1, "{name} again");
    }
    assert_eq!((held.len(), take(&shares, &slow, 1).len()), (4, 0));
}

#[test]
fn what_one_gives_back_goes_to_the_other_until_both_have_as_much() {
    let (shares, one, other) = (Shares::new(BOUNDS), whose("one"), whose("other"));
    let mut held = take(&shares, &one, 4);
    let first = take(&shares, &other, 1);
    let mut more = Box::pin(shares.take(one.clone(), Weight::Small, 8));
    let mut second = Box::pin(shares.take(other.clone(), Weight::Small, 8));
    let mut third = Box::pin(shares.take(other.clone(), Weight::Small, 8));
    assert!(waits(&mut more) && waits(&mut second) && waits(&mut third));
    held.truncate(3);
    assert!(waits(&mut more) && waits(&mut second), "there are still 32 in use");
    held.truncate(2);
    let second = second.now_or_never();
    assert!(second.is_some() && waits(&mut more) && waits(&mut third), "each has its half");
    drop(first);
    assert!(third.now_or_never().is_some() && waits(&mut more));
}

#[test]
fn who_gives_up_waiting_keeps_nobody() {
    let (shares, one) = (Shares::new(BOUNDS), whose("one"));
    let _held = take(&shares, &one, 3);
    let mut large = Box::pin(shares.take(one.clone(), Weight::Small, 20));
    assert!(large.as_mut().now_or_never().is_none());
    let mut small = Box::pin(shares.take(one.clone(), Weight::Small, 8));
    assert!(small.as_mut().now_or_never().is_none(), "first come, first served");
    drop(large);
    assert!(small.now_or_never().flatten().is_some());
}

#[test]
fn a_share_that_nobody_wants_any_more_goes_back() {
    let (shares, one) = (Shares::new(BOUNDS), whose("one"));
    let held = take(&shares, &one, 4);
    let mut waiting = Box::pin(shares.take(one.clone(), Weight::Small, 8));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(held);
    // It has been given to it, but nobody has looked.
    drop(waiting);
    assert!(shares.state().sharers.is_empty());
}

#[test]
fn a_file_begins_while_another_holds_all_of_it() {
    let (shares, whose) = (Shares::new(Bounds { beyond: 8, ..BOUNDS }), whose("one"));
    let [first, second, third] = files();
    let mut large = take_as(&shares, &whose, first, 9);
    assert_eq!(large.len(), 4, "alone it has all");
    let mut more = Box::pin(shares.take(whose.clone(), first, 8));
    assert!(waits(&mut more));
    let mut other = take_as(&shares, &whose, second, 1);
    assert_eq!(other.len(), 1, "it begins at once");
    let mut next = Box::pin(shares.take(whose.clone(), second, 8));
    let mut late = Box::pin(shares.take(whose.clone(), third, 8));
    assert!(waits(&mut next) && waits(&mut late), "there is only so much beyond");
    large.truncate(3);
    other.extend(late.now_or_never().flatten());
    assert_eq!(other.len(), 2, "whoever holds nothing comes first");
    assert!(waits(&mut more) && waits(&mut next));
}

#[test]
fn what_is_free_goes_to_the_file_that_holds_the_least_whoever_asked_first() {
    let (shares, whose) = (Shares::new(BOUNDS), whose("one"));
    let [first, second] = files();
    let mut large = take_as(&shares, &whose, first, 3);
    let _other = take_as(&shares, &whose, second, 1);
    let mut asked_first = Box::pin(shares.take(whose.clone(), first, 8));
    let mut asked_last = Box::pin(shares.take(whose.clone(), second, 8));
    assert!(waits(&mut asked_first) && waits(&mut asked_last));
    large.truncate(2);
    let got = asked_last.now_or_never();
    assert!(got.is_some() && waits(&mut asked_first), "two each");
    drop(large);
    assert!(asked_first.now_or_never().is_some());
}

#[test]
fn many_small_ones_and_a_large_one_take_turns() {
    let (shares, whose) = (Shares::new(Bounds { most: 8, ..BOUNDS }), whose("one"));
    let [large] = files();
    let mut held = shares.take(whose.clone(), large, 8).now_or_never().flatten();
    let ask = |weight| Box::pin(shares.take(whose.clone(), weight, 8));
    let (mut small, mut parts) = (vec![ask(Weight::Small), ask(Weight::Small)], vec![ask(large), ask(large)]);
    assert!(parts.iter_mut().chain(&mut small).all(waits));
    for turn in 0..4 {
        drop(held);
        let (its, others) = if turn % 2 == 0 { (&mut small, &mut parts) } else { (&mut parts, &mut small) };
        assert!(others.iter_mut().all(waits), "turn {turn}");
        held = its.remove(0).now_or_never().flatten();
        assert!(held.is_some(), "turn {turn}");
    }
}

#[test]
fn a_few_small_ones_at_a_time_go_beside_large_ones_that_hold_all_of_it() {
    let (shares, whose) = (Shares::new(Bounds { beyond: 8, few: 3, ..BOUNDS }), whose("one"));
    let [first, second, third] = files();
    let _large = (take_as(&shares, &whose, first, 4), take_as(&shares, &whose, second, 1));
    let mut waiting = Box::pin(shares.take(whose.clone(), third, 8));
    assert!(waits(&mut waiting));
    let small = || shares.take(whose.clone(), Weight::Small, 1).now_or_never().flatten();
    let mut held: Vec<Held> = (0..9).filter_map(|_| small()).collect();
    assert_eq!(held.len(), 3, "though a large one has asked before");
    held.pop();
    assert!(small().is_some() && waits(&mut waiting));
}

#[test]
fn what_only_goes_alone_is_not_passed_over_for_ever() {
    let (shares, whose) = (Shares::new(Bounds { beyond: 8, few: 2, ..BOUNDS }), whose("one"));
    let [huge, first, second] = files();
    let held = take_as(&shares, &whose, first, 1);
    let mut alone = Box::pin(shares.take(whose.clone(), huge, BOUNDS.most + 9));
    assert!(waits(&mut alone));
    let mut late = Box::pin(shares.take(whose.clone(), second, 8));
    let mut small = Box::pin(shares.take(whose.clone(), Weight::Small, 1));
    assert!(waits(&mut late) && waits(&mut small), "who comes later begins later");
    drop(held);
    let all = alone.now_or_never().flatten();
    assert!(all.is_some() && waits(&mut late));
    drop(all);
    assert!(late.now_or_never().flatten().is_some() && small.now_or_never().flatten().is_some());
}

#[test]
fn what_there_is_can_be_changed_while_it_is_held() {
    let (shares, one) = (Shares::new(BOUNDS), whose("one"));
    let held = take(&shares, &one, 4);
    let mut more = Box::pin(shares.take(one.clone(), Weight::Small, 8));
    assert!(waits(&mut more));
    shares.set(Bounds { most: 40, ..BOUNDS });
    assert!(more.now_or_never().is_some());
    shares.set(Bounds { most: 16, ..BOUNDS });
    assert_eq!((held.len(), take(&shares, &one, 1).len()), (4, 0));
}
