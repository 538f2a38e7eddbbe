//! What this process's downloads still take of each disk: bytes promised to large files, and those of small ones that are
//! being written right now. Pure book-keeping; what is free, the caller has just asked the disk.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The accounts of all disks.
#[derive(Debug, Default)]
pub struct Ledger {
    accounts: Mutex<HashMap<u64, Account>>,
    ended: Condvar,
}

/// One disk's, in bytes.
#[derive(Debug, Default, Clone, Copy)]
struct Account {
    promised: u64,
    /// Of files that are written in one breath: the disk's figure may count them already, or not yet.
    writing: u64,
    /// How many of these are written. One that was written since the disk was asked is in neither figure.
    written: u64,
}

/// What came of the wish to write.
#[derive(Debug)]
pub enum Answer<'a> {
    /// There is room.
    Room(Writing<'a>),
    /// Something was written meanwhile: ask the disk again.
    LookAgain,
    /// There is none; so many bytes are promised to others.
    Full { promised: u64 },
}

/// Bytes that are being written, until it is dropped.
#[derive(Debug)]
pub struct Writing<'a> {
    ledger: &'a Ledger,
    device: u64,
    bytes: u64,
}

impl Ledger {
    /// Promises bytes of those that are free; else what is promised to others already.
    pub fn promise(&self, device: u64, bytes: u64, free: u64) -> Result<(), u64> {
        let mut accounts = self.accounts();
        let account = accounts.entry(device).or_default();
        if bytes > free.saturating_sub(account.promised) {
            return Err(account.promised);
        }
        account.promised += bytes;
        Ok(())
    }

    /// Of one download so much is promised now, no longer as much as before.
    pub fn change(&self, device: u64, before: u64, now: u64) {
        let mut accounts = self.accounts();
        let account = accounts.entry(device).or_default();
        account.promised = account.promised.saturating_sub(before).saturating_add(now);
    }

    /// How many files have been written in one breath so far: to be asked before the disk is.
    pub fn written(&self, device: u64) -> u64 {
        self.accounts().entry(device).or_default().written
    }

    /// Room for a file that is written in one breath, of those bytes that were free after so many were `written`. Blocks
    /// while others are being written without which it may fit.
    pub fn write(&self, device: u64, bytes: u64, free: u64, written: u64) -> Answer<'_> {
        let mut accounts = self.accounts();
        loop {
            let account = accounts.entry(device).or_default();
            let left = free.saturating_sub(account.promised);
            if account.written != written {
                return Answer::LookAgain;
            }
            if bytes <= left.saturating_sub(account.writing) {
                account.writing += bytes;
                return Answer::Room(Writing { ledger: self, device, bytes });
            }
            if account.writing == 0 {
                return Answer::Full { promised: account.promised };
            }
            accounts = self.ended.wait(accounts).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Bytes promised of all disks.
    #[cfg(test)]
    pub fn promised(&self) -> u64 {
        self.accounts().values().map(|account| account.promised).sum()
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<u64, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut accounts = self.ledger.accounts();
        let account = accounts.entry(self.device).or_default();
        account.writing = account.writing.saturating_sub(self.bytes);
        account.written += 1;
        self.ledger.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(answer: Answer<'_>) -> Writing<'_> {
        match answer {
            Answer::Room(writing) => writing,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_fits_only_without_others_waits_for_them_and_looks_again() {
        let ledger = Ledger::default();
        let first = room(ledger.write(1, 60, 100, 0));
        assert!(matches!(ledger.write(2, 60, 100, 0), Answer::Room(_)), "another disk");
        let small = room(ledger.write(1, 40, 100, 0));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| matches!(ledger.write(1, 1, 100, 0), Answer::LookAgain));
            drop(first);
            assert!(waits.join().unwrap());
        });
        drop(small);
        assert!(matches!(ledger.write(1, 60, 0, 2), Answer::Full { promised: 0 }));
        assert!(matches!(ledger.write(1, 60, 60, 2), Answer::Room(_)));
    }

    #[test]
    fn what_was_written_since_the_disk_was_asked_counts() {
        let ledger = Ledger::default();
        let written = ledger.written(1);
        drop(room(ledger.write(1, 60, 100, written)));
        assert!(matches!(ledger.write(1, 60, 100, written), Answer::LookAgain));
        assert!(matches!(ledger.write(1, 60, 40, ledger.written(1)), Answer::Full { .. }));
    }

    #[test]
    fn what_is_promised_is_nobody_elses() {
        let ledger = Ledger::default();
        assert_eq!((ledger.promise(1, 60, 100), ledger.promise(1, 50, 100)), (Ok(()), Err(60)));
        assert!(matches!(ledger.write(1, 41, 100, 0), Answer::Full { promised: 60 }));
        ledger.change(1, 60, 59);
        assert!(matches!(ledger.write(1, 41, 100, 0), Answer::Room(_)));
    }
}
