//! The languages whose text has colours, one row each. A row is a few strings of words, so that the table takes no memory
//! of its own before it is used.

/// What is a key in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Nothing.
    None,
    /// A string before a colon.
    Strings,
    /// What stands before one of these at the beginning of a line.
    Before(&'static str),
    /// Names of tags.
    Tags,
    /// Whole lines, by how they begin: headings, what a change adds and takes away.
    Lines,
}

/// One language.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// Its name, as shown.
    pub name: &'static str,
    /// Extensions and whole file names, in lower case, apart by blanks.
    pub files: &'static str,
    /// What begins a comment that ends with its line, apart by blanks.
    pub remarks: &'static str,
    /// What begins and ends a comment of several lines.
    pub comment: Option<(&'static str, &'static str)>,
    /// Characters that begin and end a string within a line; a backslash guards the next character.
    pub quotes: &'static str,
    /// What begins and ends a string of several lines, apart by blanks.
    pub long_quotes: &'static str,
    /// Its words, apart by blanks; upper and lower case differ unless all are in upper case.
    pub words: &'static str,
    /// What is a key.
    pub keys: Keys,
}

const fn row(
    name: &'static str,
    files: &'static str,
    remarks: &'static str,
    comment: Option<(&'static str, &'static str)>,
    quotes: (&'static str, &'static str),
    keys: Keys,
    words: &'static str,
) -> Language {
    Language { name, files, remarks, comment, quotes: quotes.0, long_quotes: quotes.1, words, keys }
}

const C: Option<(&str, &str)> = Some(("/*", "*/"));

/// Every language that is known.
pub const LANGUAGES: [Language; 24] = [
    row(
        "Rust",
        "rs",
        "//",
        C,
        ("\"", ""),
        Keys::None,
        "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move \
         mut pub ref return self Self static struct super trait true type unsafe use where while",
    ),
    row(
        "Python",
        "py pyi",
        "#",
        None,
        ("\"'", "\"\"\" '''"),
        Keys::None,
        "and as assert async await break class continue def del elif else except False finally for from global if \
         import in is lambda match None nonlocal not or pass raise return True try while with yield",
    ),
    row(
        "JavaScript",
        "js mjs cjs jsx",
        "//",
        C,
        ("\"'", "`"),
        Keys::None,
        "async await break case catch class const continue debugger default delete do else export extends false \
         finally for from function if import in instanceof let new null of return static super switch this throw true \
         try typeof undefined var void while with yield",
    ),
    row(
        "TypeScript",
        "ts tsx mts cts",
        "//",
        C,
        ("\"'", "`"),
        Keys::None,
        "abstract any as async await boolean break case catch class const continue declare default delete do else enum \
         export extends false finally for from function if implements import in infer instanceof interface is keyof let \
         namespace never new null number of private protected public readonly return satisfies static string super \
         switch this throw true try type typeof undefined unknown var void while yield",
    ),
    row("JSON", "json jsonl ndjson geojson webmanifest map", "//", C, ("\"", ""), Keys::Strings, "true false null"),
    row("TOML", "toml cargo.lock", "#", None, ("\"'", "\"\"\" '''"), Keys::Before("="), "true false inf nan"),
    row("YAML", "yaml yml", "#", None, ("\"'", ""), Keys::Before(":"), "true false null yes no on off"),
    row(
        "Shell",
        "sh bash zsh fish .bashrc .profile .zshrc",
        "#",
        None,
        ("\"'", ""),
        Keys::None,
        "alias break case cd continue do done echo elif else esac eval exec exit export fi for function if in local \
         read return select set shift source then trap unset until while",
    ),
    row(
        "SQL",
        "sql",
        "--",
        C,
        ("'\"", ""),
        Keys::None,
        "ADD ALL ALTER AND AS ASC BEGIN BETWEEN BY CASE CHECK COLUMN COMMIT CONSTRAINT CREATE CROSS DEFAULT DELETE DESC \
         DISTINCT DROP ELSE END EXISTS FALSE FOREIGN FROM FULL FUNCTION GRANT GROUP HAVING IF IN INDEX INNER INSERT INTO \
         IS JOIN KEY LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER PRIMARY REFERENCES RETURNING RIGHT ROLLBACK SELECT \
         SET TABLE THEN TRUE UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WITH",
    ),
    row("HTML", "html htm xhtml vue svelte", "", Some(("<!--", "-->")), ("\"'", ""), Keys::Tags, ""),
    row("XML", "xml svg xsl xsd plist rss atom", "", Some(("<!--", "-->")), ("\"'", ""), Keys::Tags, ""),
    row("CSS", "css scss less", "", C, ("\"'", ""), Keys::Before(":"), "important media import supports"),
    row("Markdown", "md markdown", "", Some(("<!--", "-->")), ("", "```"), Keys::Lines, ""),
    row(
        "Go",
        "go",
        "//",
        C,
        ("\"'", "`"),
        Keys::None,
        "break case chan const continue default defer else fallthrough false for func go goto if import interface map \
         nil package range return select struct switch true type var",
    ),
    row(
        "C",
        "c h cc cpp cxx hpp hh",
        "//",
        C,
        ("\"'", ""),
        Keys::None,
        "auto bool break case catch char class const constexpr continue default delete do double else enum extern false \
         float for goto if include define ifdef ifndef endif inline int long namespace new nullptr operator private \
         protected public return short signed sizeof static struct switch template this throw true try typedef typename \
         union unsigned using virtual void volatile while",
    ),
    row(
        "Java",
        "java kt kts scala cs swift dart",
        "//",
        C,
        ("\"'", "\"\"\""),
        Keys::None,
        "abstract async await boolean break case catch char class const continue data default do double else enum \
         extends false final finally float for func fun guard if implements import in int interface internal let long \
         namespace new null object override package private protected public return sealed short static string struct \
         super switch this throw throws true try using val var void volatile when while",
    ),
    row(
        "Ruby",
        "rb gemfile rakefile",
        "#",
        None,
        ("\"'", ""),
        Keys::None,
        "alias and begin break case class def do else elsif end ensure false for if in module next nil not or require \
         rescue return self super then true unless until when while yield",
    ),
    row(
        "PHP",
        "php",
        "// #",
        C,
        ("\"'", ""),
        Keys::None,
        "abstract array as break case catch class const continue echo else elseif extends false final finally fn for \
         foreach function global if implements interface match namespace new null private protected public readonly \
         require return static switch throw trait true try use var while yield",
    ),
    row(
        "INI",
        "ini cfg conf env properties .env .gitconfig .editorconfig",
        "# ;",
        None,
        ("\"'", ""),
        Keys::Before("="),
        "true false",
    ),
    row(
        "Dockerfile",
        "dockerfile containerfile",
        "#",
        None,
        ("\"'", ""),
        Keys::None,
        "ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR",
    ),
    row(
        "Makefile",
        "makefile mk gnumakefile",
        "#",
        None,
        ("\"'", ""),
        Keys::Before(":="),
        "define else endef endif export ifdef ifeq ifndef ifneq include override",
    ),
    row("CSV", "csv tsv", "", None, ("\"", ""), Keys::None, ""),
    row("log", "log", "", None, ("\"", ""), Keys::None, "TRACE DEBUG INFO NOTICE WARN WARNING ERROR FATAL PANIC"),
    row("diff", "diff patch", "", None, ("", ""), Keys::Lines, ""),
];

/// The language that a file's name tells, or what its first line asks to be run by.
pub fn of(name: &str, first_line: &str) -> Option<&'static Language> {
    let name = name.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let tells = |language: &&Language| language.files.split(' ').any(|file| file == name || file == extension);
    LANGUAGES.iter().find(tells).or_else(|| run_by(first_line))
}

/// The language of that name.
pub fn named(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.name == name)
}

/// `#!/usr/bin/env python3`: what a script is run by.
fn run_by(first_line: &str) -> Option<&'static Language> {
    let command = first_line.strip_prefix("#!")?;
    let program =
        command.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word)).find(|word| *word != "env")?;
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match program {
        "python" => named("Python"),
        "node" | "deno" | "bun" => named("JavaScript"),
        "ruby" => named("Ruby"),
        "php" => named("PHP"),
        "sh" | "bash" | "zsh" | "dash" | "fish" => named("Shell"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_a_first_line_tells_the_language() {
        let told = |name, line| of(name, line).map(|language| language.name);
        assert_eq!(
            [told("src/main.rs", ""), told("A.JSON", ""), told("Dockerfile", "")].map(Option::unwrap),
            ["Rust", "JSON", "Dockerfile"]
        );
        assert_eq!(told("run", "#!/usr/bin/env python3.12 -u"), Some("Python"));
        assert_eq!(told("run", "#!/bin/sh"), Some("Shell"));
        assert_eq!((told("notes.txt", ""), told("", ""), told("x", "#!")), (None, None, None));
    }

    #[test]
    fn no_file_belongs_to_two_languages() {
        let all: Vec<&str> = LANGUAGES.iter().flat_map(|language| language.files.split(' ')).collect();
        for (index, file) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(file), "{file}");
        }
        assert!(LANGUAGES.iter().all(|language| named(language.name) == Some(language)));
    }
}
