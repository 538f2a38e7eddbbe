//! Texts that many transfers have in common, their MIME types, each kept once. Nothing tells a shared one from one of its
//! own: it is memory alone that is saved.

use std::collections::HashSet;
use std::sync::Arc;

/// Most texts that are kept.
const MOST: usize = 256;

/// Texts that were seen before.
#[derive(Debug, Default)]
pub struct Texts(HashSet<Arc<str>>);

impl Texts {
    /// That text.
    pub fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let text: Arc<str> = text.into();
        self.0.insert(text.clone());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_before_is_the_same_and_what_is_kept_has_a_bound() {
        let mut texts = Texts::default();
        let first = texts.of("image/png");
        assert!(Arc::ptr_eq(&first, &texts.of("image/png")));
        assert!(!Arc::ptr_eq(&first, &texts.of("image/gif")));
        (0..1000).for_each(|number| drop(texts.of(&number.to_string())));
        assert!(texts.0.len() <= MOST);
    }
}
