//! Which letters a name has, as a set in one number: most names of a hundred thousand are known not to have what is typed
//! without being looked at.

/// The letters of a name, upper and lower case alike, its digits, and whether there is anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bag(u64);

/// For what is neither a letter nor a digit of ASCII.
const OTHER: u64 = 1 << 36;

impl Bag {
    /// The set of a name. One with letters beyond ASCII has all, since some of them stand for others (`é` for `e`).
    pub(crate) fn of(name: &[u8]) -> Self {
        if !name.is_ascii() {
            return Self(u64::MAX);
        }
        Self(name.iter().fold(0, |bag, byte| bag | bit(*byte)))
    }

    /// Whether nothing is missing that the other one has.
    pub(crate) fn holds(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

fn bit(byte: u8) -> u64 {
    match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        b'A'..=b'Z' => 1 << (byte - b'A'),
        b'0'..=b'9' => 1 << (26 + byte - b'0'),
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_what_it_has_whatever_the_case() {
        let holds = |name: &str, typed: &str| Bag::of(name.as_bytes()).holds(Bag::of(typed.as_bytes()));
        assert!(holds("Hero-7.PNG", "hp7") && holds("hero", "") && holds("a.b", "."));
        assert!(!holds("hero", "hex") && !holds("hero", "h9") && !holds("hero", "h."));
        assert!(holds("café", "cafe"), "its letters are looked at one by one");
    }
}
