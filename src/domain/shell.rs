//! Lines for a POSIX shell, and the words of one. The lines do with curl what a link is for. What they hold is quoted, so that no key, name or URL
//! can be more than a word, and of characters that no terminal shows is spelled, so that a line can be printed and pasted
//! as it is; `--path-as-is` keeps what was signed from being folded (`a/../b`).

use std::path::Path;

use super::display::display;
use super::{Failure, FailureKind, Result, SecretUrl, key};

/// A line that saves the object under its name, or under `download` where its name is no file's.
pub fn curl_to_read(key: &str, url: &SecretUrl) -> SecretUrl {
    let name = key::name(key);
    let safe = !name.ends_with(['/', '\n']) && key::local_path(Path::new(""), name).is_ok();
    let file = quoted(if safe { name } else { "download" });
    SecretUrl::new(format!("curl -fL --path-as-is -o {file} {}", quoted(url.expose())))
}

/// A line that uploads the file of that name by a presigned PUT, with the headers that were signed. curl sends the size
/// by itself. `-g` takes the name as it is (curl reads `{a,b}` as two files), and a server's refusal is shown.
pub fn curl_to_upload(name: &str, url: &SecretUrl, headers: &[(String, String)]) -> SecretUrl {
    // A name that begins with `-` or is one would be standard input.
    let file = if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
    let mut line = format!("curl -g --fail-with-body --path-as-is -T {}", quoted(&file));
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    SecretUrl::new(format!("{line} {}", quoted(url.expose())))
}

/// A text as one word of a shell, all of which can be seen. It does not end in a line break.
pub fn quoted(text: &str) -> String {
    if display(text) == text {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let spelled: String = text.chars().map(spelled).collect();
    format!("\"$(printf '{spelled}')\"")
}

/// A character as the format of `printf` says it: by its bytes where it cannot be seen, or would mean something there.
fn spelled(character: char) -> String {
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    match display(text) == *text && !"'\\%-!\"$`".contains(character) {
        true => text.to_owned(),
        false => text.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
    }
}

/// The words of a command as a shell would split it: blanks part them, quotes and backslashes hold them together. Nothing
/// else that a shell knows means anything here.
///
/// # Errors
/// `Usage` where a quote is never closed, or nothing follows a backslash.
pub fn words(line: &str) -> Result<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (Some(open), letter) if letter == open => quote = None,
            (None, '\\') => word.get_or_insert_default().push(letters.next().ok_or_else(|| unfinished(line))?),
            (Some('"'), '\\') => {
                let next = letters.next().ok_or_else(|| unfinished(line))?;
                let kept = if "\"\\$`".contains(next) { "" } else { "\\" };
                word.get_or_insert_default().push_str(&format!("{kept}{next}"));
            }
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quote.is_some() { Err(unfinished(line)) } else { Ok(words) }
}

fn unfinished(line: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("the command {line} ends in the middle of a quote"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, url: &str) -> String {
        curl_to_read(key, &SecretUrl::new(url)).expose().to_owned()
    }

    #[test]
    fn a_line_survives_any_key() {
        assert_eq!(read("a/b c.png", "http://x/?s=1"), "curl -fL --path-as-is -o 'b c.png' 'http://x/?s=1'");
        assert_eq!(read("a/it's", "u"), r"curl -fL --path-as-is -o 'it'\''s' 'u'");
        assert_eq!(read("a/..", "u"), "curl -fL --path-as-is -o 'download' 'u'");
    }

    #[test]
    fn what_no_terminal_shows_is_spelled_and_a_shell_reads_it_back() {
        for name in [
            "a\u{202e}b.png",
            "it's 50% \u{200b}\\n.png",
            "-\u{feff}",
            "\u{1b}[31m\tx\n.y",
            "$HOME `x` \"!\"\u{feff}",
            "plain it's",
        ] {
            let word = quoted(name);
            assert_eq!(display(&word), word);
            let read = std::process::Command::new("sh").args(["-c", &format!("printf %s {word}")]).output().unwrap();
            assert_eq!(String::from_utf8(read.stdout).unwrap(), name, "{word}");
        }
        assert_eq!(read("a\n", "u"), "curl -fL --path-as-is -o 'download' 'u'");
    }

    #[test]
    fn a_line_to_upload_sends_what_was_signed() {
        let headers = [("content-length".into(), "5".into()), ("content-type".into(), "image/png".into())];
        let line = |name: &str| curl_to_upload(name, &SecretUrl::new("http://x/k?s=1"), &headers).expose().to_owned();
        let rest = "-H 'content-type: image/png' 'http://x/k?s=1'";
        assert_eq!(line("a b.png"), format!("curl -g --fail-with-body --path-as-is -T 'a b.png' {rest}"));
        assert_eq!(line("it's"), format!(r"curl -g --fail-with-body --path-as-is -T 'it'\''s' {rest}"));
        assert_eq!(line("-"), format!("curl -g --fail-with-body --path-as-is -T './-' {rest}"));
    }

    #[test]
    fn a_command_is_split_as_a_shell_splits_it() {
        let cases = [
            "vi",
            "  emacsclient  -t\t-a '' ",
            r#""/opt/My Editor/bin/edit" --wait"#,
            r"/opt/My\ Editor/edit a\'b",
            r#"e "a \"quoted\" \\ word" '\' "x\y""#,
            "e ''\"\" a'b'\"c\"d",
        ];
        for line in cases {
            let read =
                std::process::Command::new("sh").args(["-c", &format!("printf '%s\\0' {line}")]).output().unwrap();
            let by_shell: Vec<String> =
                String::from_utf8(read.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect();
            assert_eq!(words(line).unwrap(), by_shell, "{line}");
        }
        assert_eq!(words("").unwrap(), Vec::<String>::new());
        assert_eq!(words("e $HOME ; rm *").unwrap(), ["e", "$HOME", ";", "rm", "*"], "no shell looks at it");
    }

    #[test]
    fn a_quote_that_is_never_closed_is_said() {
        for line in ["vi 'a", "vi \"a", "vi \\", "vi \"a\\"] {
            assert!(words(line).unwrap_err().what.contains("in the middle of a quote"), "{line}");
        }
    }
}
