//! What a store finds out about its service as it goes, where nobody can know it beforehand: a request is made in the better
//! way once, and what came of it decides how the next ones are made.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::quirks::Proof;
use crate::domain::{Failure, FailureKind};

/// What is known of one thing that not every service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nobody has asked yet.
    Nothing,
    /// It does it.
    Does,
    /// It passes over it.
    Ignores,
    /// It refuses a request that asks for it.
    Refuses,
}

impl Known {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "nothing is known of the service any more",
            Self::Does => "the service does what it was asked for",
            Self::Ignores => "the service passes over what it was asked for",
            Self::Refuses => "the service refuses what it was asked for",
        }
    }
}

/// One thing to find out. Two requests that find it out at the same time do no harm.
#[derive(Debug, Default)]
pub struct Lesson(AtomicU8);

impl Lesson {
    /// What is known by now.
    pub fn get(&self) -> Known {
        match self.0.load(Ordering::Relaxed) {
            1 => Known::Does,
            2 => Known::Ignores,
            3 => Known::Refuses,
            _ => Known::Nothing,
        }
    }

    /// What an answer has shown.
    pub fn learn(&self, known: Known) {
        let value = match known {
            Known::Nothing => 0,
            Known::Does => 1,
            Known::Ignores => 2,
            Known::Refuses => 3,
        };
        if self.0.swap(value, Ordering::Relaxed) != value {
            tracing::info!("{}", known.sentence());
        }
    }

    /// A proof as it is to be asked for by now.
    pub fn applied(&self, proof: Proof) -> Proof {
        match (proof, self.get()) {
            (Proof::Crc64NvmeIfEchoed, Known::Ignores | Known::Refuses) => Proof::EntityTagIfItMatches,
            _ => proof,
        }
    }

    /// The proofs to try in turn, as long as the service refuses the request.
    pub fn candidates(&self, proof: Proof) -> Vec<Proof> {
        match (self.applied(proof), self.get()) {
            (Proof::Crc64NvmeIfEchoed, Known::Nothing) => vec![Proof::Crc64NvmeIfEchoed, Proof::EntityTagIfItMatches],
            (applied, _) => vec![applied],
        }
    }

    /// Whether a refusal may be of the proof rather than of what was asked, so that the next candidate is worth a try.
    /// Services that do not know a checksum name it in many ways (MinIO before 2025: 400 InvalidArgument, "Invalid checksum
    /// provided."); only whether the plain request works tells which it was.
    pub fn may_be_refused(&self, used: Proof, failure: &Failure) -> bool {
        match failure.kind {
            FailureKind::Unsupported => true,
            FailureKind::Internal | FailureKind::Usage => used == Proof::Crc64NvmeIfEchoed && self.get() != Known::Does,
            _ => false,
        }
    }

    /// What an answer to a request with that proof shows about `asked`, which the quirks want.
    pub fn judge(&self, asked: Proof, used: Proof, echoed: bool) {
        match (asked, used) {
            (Proof::Crc64NvmeIfEchoed, Proof::Crc64NvmeIfEchoed) if echoed => self.learn(Known::Does),
            (Proof::Crc64NvmeIfEchoed, Proof::Crc64NvmeIfEchoed) => self.learn(Known::Ignores),
            (Proof::Crc64NvmeIfEchoed, _) if self.get() == Known::Nothing => self.learn(Known::Refuses),
            _ => {}
        }
    }
}

/// What a question without a signature has shown, which may change behind our back.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Whether anybody may read; `None` where nobody said.
    pub public: Option<bool>,
    /// Until when that counts.
    pub until: Instant,
}

/// Everything that a store finds out.
#[derive(Debug, Default)]
pub struct Learned {
    /// Whether it echoes the checksum of a whole object.
    pub single_crc: Lesson,
    /// Whether it echoes the checksums of parts.
    pub part_crc: Lesson,
    /// Whether DeleteObjects works.
    pub bulk_delete: Lesson,
    /// Whether the bucket can be read without a signature.
    pub public: Mutex<Option<Seen>>,
}

impl Learned {
    /// Whether it keeps checksums, as far as is known: a program that has not sent anything yet has to ask.
    pub fn may_keep_sums(&self) -> bool {
        let known = [&self.single_crc, &self.part_crc].map(Lesson::get);
        known.contains(&Known::Does) || known == [Known::Nothing; 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Proof = Proof::Crc64NvmeIfEchoed;

    #[test]
    fn a_service_is_asked_for_its_checksums_unless_it_has_shown_that_it_keeps_none() {
        let learned = Learned::default();
        assert!(learned.may_keep_sums(), "who only downloads has nothing else to learn from");
        learned.single_crc.learn(Known::Ignores);
        assert!(!learned.may_keep_sums());
        learned.part_crc.learn(Known::Does);
        assert!(learned.may_keep_sums());
    }

    #[test]
    fn a_service_is_asked_for_a_crc_until_it_has_shown_what_it_makes_of_it() {
        let both = vec![ASKED, Proof::EntityTagIfItMatches];
        for (used, echoed, then) in [
            (ASKED, true, vec![ASKED]),
            (ASKED, false, vec![Proof::EntityTagIfItMatches]),
            (Proof::EntityTagIfItMatches, false, vec![Proof::EntityTagIfItMatches]),
        ] {
            let lesson = Lesson::default();
            assert_eq!(lesson.candidates(ASKED), both);
            lesson.judge(ASKED, used, echoed);
            assert_eq!(lesson.candidates(ASKED), then);
        }
    }

    #[test]
    fn what_is_known_of_a_service_is_not_asked() {
        for proof in [Proof::Crc64Nvme, Proof::EntityTag, Proof::EntityTagIfItMatches] {
            let lesson = Lesson::default();
            lesson.judge(proof, proof, false);
            assert_eq!((lesson.get(), lesson.candidates(proof)), (Known::Nothing, vec![proof]));
        }
    }
}
