//! What to do about text that is no TOML: the parser's own sentence says what it has met, and not what to write instead.

/// What is in a parser's sentence, and what helps then; the first that fits counts.
const HINTS: &[(&str, &str)] = &[
    ("must be quoted", "texts stand in \"quotes\""),
    ("inline table", "write it as { a = 1, b = 2 }, on one line"),
    ("unclosed table", "a [section] ends with ]"),
    ("unclosed array table", "a [section] has one [ and one ]"),
    ("array", "a list is written [\"a\", \"b\"]"),
    ("comma between key-value pairs", "write it as { a = 1, b = 2 }, on one line"),
    ("duplicate key", "leave one of the two out"),
    ("escaped", "write \\\\ for \\, or put the text in 'single quotes'"),
    (" string, expected", "close the quotes"),
    ("unexpected key or value", "a line has one NAME = VALUE; # begins a comment"),
    ("key", "a line reads NAME = VALUE; # begins a comment"),
    ("`=`", "a line reads NAME = VALUE; # begins a comment"),
];

/// What does not end where it should, so that what follows is taken for a part of it.
const ENDLESS: [&str; 4] = ["array", "table", "comma", "multi-line"];

/// What to do about it.
pub fn hint(reason: &str) -> Option<&'static str> {
    HINTS.iter().find(|(sign, _)| reason.contains(sign)).map(|(_, hint)| *hint)
}

/// Whether a key or a section stands there already.
pub fn is_there_already(reason: &str) -> bool {
    reason.contains("duplicate key")
}

/// Whether what was read behind it may be something else than what was meant.
pub fn leaves_the_rest_uncertain(reason: &str) -> bool {
    ENDLESS.iter().any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Option<&'static str>) {
        let reason = toml::de::DeTable::parse(text).unwrap_err().message().to_owned();
        let hint = hint(&reason);
        (reason, hint)
    }

    #[test]
    fn every_mistake_has_a_hint_that_fits_it() {
        let cases = [
            ("theme = dark\n", "quotes"),
            ("[profiles.a\nprovider = \"s3\"\n", "a [section] ends with ]"),
            ("[[profiles.a]\n", "one [ and one ]"),
            ("buckets = [\"a\", \"b\"\nregion = \"x\"\n", "a list is written"),
            ("cursor = { bg = 1\nfg = 2\n", "{ a = 1, b = 2 }"),
            ("theme = \"dark\n", "close the quotes"),
            ("theme = 'dark\n", "close the quotes"),
            ("theme = \"C:\\dir\"\n", "'single quotes'"),
            ("theme \"dark\"\n", "NAME = VALUE"),
            ("theme == \"dark\"\n", "NAME = VALUE"),
            ("// mine\n", "# begins a comment"),
            ("theme = \"dark\" // mine\n", "# begins a comment"),
            ("mouse = true\nmouse = true\n", "one of the two"),
        ];
        for (text, part) in cases {
            let (reason, hint) = told(text);
            assert!(hint.is_some_and(|hint| hint.contains(part)), "{text}: {reason}: {hint:?}");
        }
    }

    #[test]
    fn behind_what_does_not_end_nothing_is_certain() {
        for (text, uncertain) in [("a = [1\nb = 2\n", true), ("[a\nb = 1\n", true), ("a = b\nc = \"\n", false)] {
            assert_eq!(leaves_the_rest_uncertain(&told(text).0), uncertain, "{text}");
        }
    }
}
