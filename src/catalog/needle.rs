//! What is searched for in keys, and what an index of trigrams needs of it. A search is a substring, whatever the case of
//! its letters, never a pattern.

use crate::domain::capability::Reason;

/// The server does not come with pg_trgm.
pub const NO_EXTENSION: Reason = "the server has no pg_trgm";

/// pg_trgm is there, but not in this database, and this role cannot add it.
pub const NOT_ALLOWED: Reason = "this role may not add pg_trgm to the database";

/// It is there, in a schema that is closed to the role.
pub const NOT_OPEN: Reason = "this role may not use the schema of pg_trgm";

/// It can be had.
pub const NOT_BUILT: Reason = "windlass catalog migrate builds one";

/// A policy is applied before any condition that could tell something of hidden rows, and ILIKE counts as one (PostgreSQL
/// manual, "Rules and Privileges": leakproof functions).
pub const SECURED: Reason = "row-level security lets none be used";

/// Trigrams are made of letters and digits in a row (PostgreSQL manual, "pg_trgm").
pub const TOO_SHORT: Reason = "it takes three letters or digits in a row";

/// As many letters or digits in a row have a trigram.
const TRIGRAM: usize = 3;

/// No key is longer: S3's have 1,024 bytes at most. SQLite takes patterns of up to 50,000 bytes.
const LONGEST: usize = 10_000;

/// Letters from the rarest in keys to the commonest: those of hashes and UUIDs come last, as long names are full of them.
const RAREST_FIRST: &str = "qzxjkvwyghupmlnrsitobfdcae";

/// What is searched for; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle(String);

/// A part of a needle that few keys have, and that is found without folding the case of the whole key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling<'a> {
    /// Digits and signs in a row.
    Caseless(&'a str),
    /// A letter of ASCII, written small.
    Letter(char),
}

impl Needle {
    /// What a query searches for, if anything.
    pub fn of(search: Option<&str>) -> Option<Self> {
        search.filter(|text| !text.is_empty()).map(|text| Self(text.to_owned()))
    }

    /// The LIKE pattern of keys that have it in them, with `\` as the escape character.
    pub fn pattern(&self) -> String {
        format!("%{}%", escaped(&self.0))
    }

    /// Whether keys can have it: no database holds text with NUL.
    pub fn can_be(&self) -> bool {
        self.0.len() <= LONGEST && !self.0.contains('\0')
    }

    /// Whether ASCII's letters are all that there are to fold.
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// Whether it has a letter that is written large or small.
    pub fn has_case(&self) -> bool {
        self.0.chars().any(|c| !c.to_lowercase().eq([c]) || !c.to_uppercase().eq([c]))
    }

    /// What of it tells most keys that do not have it: two digits or signs in a row, else its rarest letter.
    pub fn telling(&self) -> Option<Telling<'_>> {
        let runs = self.0.split(|c: char| !c.is_ascii() || c.is_ascii_alphabetic());
        let longest = runs.max_by_key(|run| run.len()).filter(|run| run.len() > 1);
        let letter = || RAREST_FIRST.chars().find(|rare| self.0.chars().any(|c| c.eq_ignore_ascii_case(rare)));
        longest.map(Telling::Caseless).or_else(|| letter().map(Telling::Letter))
    }

    /// Whether no key can have it that is all ASCII. A few letters beyond ASCII are written small in ASCII, such as the sign of
    /// kelvin.
    pub fn is_beyond_ascii(&self) -> bool {
        self.0.chars().filter_map(|c| c.to_lowercase().next()).any(|small| !small.is_ascii())
    }

    /// Whether an index of trigrams can find it; in the locale `C` only ASCII has letters.
    pub fn has_a_trigram(&self, only_ascii: bool) -> bool {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || !only_ascii && c.is_alphanumeric();
        self.0.split(|c| !is_letter(c)).any(|word| word.chars().count() >= TRIGRAM)
    }
}

/// Text as it stands for itself in a LIKE pattern, with `\` as the escape character.
pub fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// A LIKE pattern for text that begins with the prefix, with `\` as the escape character.
pub fn like_prefix(prefix: &str) -> String {
    format!("{}%", escaped(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_text_by_the_letter() {
        assert_eq!(like_prefix(r"50%_\"), r"50\%\_\\%");
        assert_eq!(Needle::of(Some("5%")).map(|needle| needle.pattern()), Some(r"%5\%%".into()));
        assert_eq!((Needle::of(Some("")), Needle::of(None)), (None, None));
    }

    #[test]
    fn digits_and_signs_have_no_case() {
        let has = |text: &str| Needle(text.into()).has_case();
        assert!(has("2026a") && has("2026A") && has("ß") && has("Ü"));
        assert!(!has("2026-11/%_") && !has("文件"));
    }

    #[test]
    fn the_longest_run_without_case_tells_most_and_else_the_rarest_letter() {
        let tells = |text: &str, what| assert_eq!(Needle(text.into()).telling(), what, "{text}");
        tells("abc12", Some(Telling::Caseless("12")));
        tells("IMG_2026-x9", Some(Telling::Caseless("_2026-")));
        tells("Zq1", Some(Telling::Letter('q')));
        tells("face", Some(Telling::Letter('f')));
        tells("文件", None);
    }

    #[test]
    fn letters_that_are_written_small_in_ascii_are_in_keys_that_are_all_ascii() {
        let beyond = |text: &str| Needle(text.into()).is_beyond_ascii();
        assert!(beyond("Übersicht") && beyond("report für") && beyond("文件"));
        assert!(!beyond("report") && !beyond("20 \u{212a}") && !beyond("\u{130}"));
    }

    #[test]
    fn trigrams_are_made_of_letters_in_a_row() {
        let has = |text: &str| Needle(text.into()).has_a_trigram(false);
        assert!(has("abc") && has("-2026.") && has("für") && has("отчёт"));
        assert!(!has("ab") && !has("ab-cd/e_f") && !has("…—…"));
        assert!(!Needle("отчёт".into()).has_a_trigram(true) && Needle("ürabc".into()).has_a_trigram(true));
    }
}
