//! Several processes on one journal: who runs what, what is read again, and what they wish of each other.

use super::*;

#[tokio::test]
async fn only_one_living_process_runs_a_transfer_and_the_dead_are_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let (first, first_runner) = journal(folder.path()).await;
    let (second, _second_runner) = journal(folder.path()).await;
    let job = transfer("a");
    first.commit(vec![Change::Insert { transfer: job.clone(), mine: true }]).await.unwrap();
    assert_eq!(second.claim(Claim::Open).await.unwrap(), 0);
    assert_eq!(second.claim(Claim::These(vec![job.id])).await.unwrap(), 0);
    assert_eq!(all_of(&second).await[0].owner, Owner::Other);
    second.commit(vec![Change::Wish(job.id, Wish::Cancel)]).await.unwrap();
    assert_eq!(all_of(&first).await[0].wish, Some(Wish::Cancel));
    first.close().await;
    drop((first, first_runner));
    while all_of(&second).await[0].owner == Owner::Other {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.claim(Claim::Open).await.unwrap(), 1);
    assert_eq!(all_of(&second).await[0].owner, Owner::Me);
}

#[tokio::test]
async fn what_is_over_is_not_claimed_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let mut over = (*transfer("a")).clone();
    over.state = TransferState::Failed;
    journal.commit(vec![Change::Insert { transfer: Arc::new(over.clone()), mine: false }]).await.unwrap();
    assert_eq!(journal.claim(Claim::Open).await.unwrap(), 0);
    assert_eq!(journal.claim(Claim::These(vec![over.id])).await.unwrap(), 1);
}

#[tokio::test]
async fn only_what_others_changed_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, _me), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    let (a, b, c) = (transfer("a"), transfer("b"), transfer("c"));
    first.commit([insert(&a), insert(&b)].concat()).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["a".into(), "b".into()], true));
    assert_eq!(new_in(&second).await, (vec![], false));
    first.commit(vec![Change::Wish(b.id, Wish::Pause)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["b".into()], false));
    second.commit(insert(&c)).await.unwrap();
    assert_eq!(new_in(&second).await, (vec![], false), "its own changes are no news to it");
    first.read(Which::All).await.unwrap();
    second.commit(vec![Change::Wish(a.id, Wish::Cancel)]).await.unwrap();
    first.commit(vec![Change::ClearWish(b.id)]).await.unwrap();
    assert_eq!(new_in(&first).await.0, ["a", "b"], "what came between its own changes is not missed");
}

#[tokio::test]
async fn where_transfers_were_removed_all_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, _me), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    let (kept, mut over) = (transfer("kept"), (*transfer("over")).clone());
    over.state = TransferState::Done;
    let over = Arc::new(over);
    let insert_over = Change::Insert { transfer: over.clone(), mine: false };
    first.commit([insert(&kept), vec![insert_over]].concat()).await.unwrap();
    assert!(new_in(&second).await.1);
    first.commit(vec![Change::Remove(kept.id)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec![], false), "what is at work was not removed");
    first.commit(vec![Change::Remove(over.id)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["kept".into()], true));
}

#[tokio::test]
async fn what_was_claimed_is_read_again_and_a_death_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, first_runner), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    first.commit(insert(&transfer("a"))).await.unwrap();
    assert!(new_in(&second).await.1);
    assert!(!second.anyone_died().await.unwrap());
    first.close().await;
    drop((first, first_runner));
    while !second.anyone_died().await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.claim(Claim::Open).await.unwrap(), 1);
    assert!(!second.anyone_died().await.unwrap());
    let reading = second.read(Which::New).await.unwrap();
    assert_eq!((reading.rows[0].owner, reading.whole), (Owner::Me, false));
}

#[tokio::test]
async fn a_granted_wish_goes_and_another_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let row = transfer("k");
    journal.commit(insert(&row)).await.unwrap();
    let wishes = [
        (Change::Wish(row.id, Wish::Cancel), Some(Wish::Cancel)),
        (Change::Granted(row.id, Wish::Pause), Some(Wish::Cancel)),
        (Change::ClearWish(row.id), None),
        (Change::Wish(row.id, Wish::Pause), Some(Wish::Pause)),
        (Change::Granted(row.id, Wish::Pause), None),
        (Change::Wish(row.id, Wish::Retry), Some(Wish::Retry)),
        (Change::Granted(row.id, Wish::Cancel), None),
    ];
    for (change, left) in wishes {
        journal.commit(vec![change.clone()]).await.unwrap();
        assert_eq!(all_of(&journal).await[0].wish, left, "{change:?}");
    }
}

#[tokio::test]
async fn whoever_adds_hears_whether_another_has_written_before() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, _me), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    let add = async |journal: &Journal, key| {
        let (told, waiting) = oneshot::channel();
        journal.commit_then(insert(&transfer(key)), move |added| told.send(added).unwrap()).await.unwrap();
        waiting.await.unwrap()
    };
    for journal in [&first, &second] {
        journal.read(Which::All).await.unwrap();
    }
    assert_eq!(add(&first, "a").await, Added { first: 1, all_known: true });
    assert_eq!(add(&second, "a").await, Added { first: 2, all_known: false });
    assert_eq!(new_in(&second).await.0, ["a", "a"], "the other's and its own, to be taken over together");
    assert_eq!(add(&second, "b").await, Added { first: 3, all_known: true });
}
