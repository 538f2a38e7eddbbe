//! Whether a name has what was typed: upper and lower case alike. Names are bytes, since local ones need not be text.
//! Beneath: names that merely have its letters.

pub(crate) mod bags;
pub(crate) mod fuzzy;

/// What is looked for, prepared once for 100,000 names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    lower: String,
}

impl Needle {
    /// Prepares what was typed.
    pub(crate) fn new(text: &str) -> Self {
        Self { lower: text.to_lowercase() }
    }

    /// Whether the name has it.
    pub(crate) fn is_in(&self, name: &[u8]) -> bool {
        if !self.lower.is_ascii() {
            return String::from_utf8_lossy(name).to_lowercase().contains(&self.lower);
        }
        has_caseless(name, self.lower.as_bytes())
    }
}

/// Whether the name has the ASCII needle, which is in lower case. Where its first byte stands, in either case, is found
/// several bytes at a time, because a typed letter asks this of 100,000 names.
fn has_caseless(name: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let Some(begins) = name.len().checked_sub(rest.len()).and_then(|end| name.get(..end)) else { return false };
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), begins)
        .any(|at| name.get(at + 1..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_neither_do_bytes_that_are_not_text() {
        assert!(Needle::new("HERO").is_in(b"my-hero.png"));
        assert!(Needle::new("ü").is_in("GRÜSSE".as_bytes()));
        assert!(Needle::new("png").is_in(b"\xff\xfe.PNG"));
        assert!(!Needle::new("hero").is_in(b"her"));
        assert!(Needle::new("").is_in(b""));
    }
}
