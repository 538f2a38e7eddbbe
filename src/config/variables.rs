//! `${VARIABLE}` in configured values: how it is found and filled in. Pure, so that every odd form is a test.

/// Why a value could not be filled in.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The environment has no such variable.
    Unset(String),
    /// `${` without `}`.
    Unclosed,
    /// What stands between the braces is no variable name; not repeated, because it may be part of a secret.
    NoName,
}

/// The text with every `${NAME}` replaced; `$${` stands for a literal `${`, any other `$` for itself.
///
/// # Errors
/// The first variable that cannot be filled in.
pub fn expand(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Trouble> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(escaped) = before.strip_suffix('$') {
            filled.push_str(escaped);
            filled.push_str("${");
            rest = after;
            continue;
        }
        let (name, behind) = after.split_once('}').ok_or(Trouble::Unclosed)?;
        filled.push_str(before);
        filled.push_str(&lookup(name, env)?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether anything would be filled in: such a value is no literal secret.
pub fn has_variable(text: &str) -> bool {
    expand(text, &|_| None).is_err()
}

fn lookup(name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Trouble> {
    let legal = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(legal) {
        return Err(Trouble::NoName);
    }
    env(name).ok_or_else(|| Trouble::Unset(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        (name == "KEY").then(|| "k${KEY}".to_owned())
    }

    #[test]
    fn variables_are_filled_in_once() {
        assert_eq!(expand("a ${KEY} b", &env), Ok("a k${KEY} b".into()));
        assert_eq!(expand("${KEY}${KEY}", &env), Ok("k${KEY}k${KEY}".into()));
    }

    #[test]
    fn other_dollars_stand_for_themselves() {
        assert_eq!(expand("pa$$word$", &env), Ok("pa$$word$".into()));
        assert_eq!(expand("$${KEY} $KEY", &env), Ok("${KEY} $KEY".into()));
    }

    #[test]
    fn what_cannot_be_filled_in_is_named() {
        assert_eq!(expand("${NONE}", &env), Err(Trouble::Unset("NONE".into())));
        assert_eq!(expand("${KEY", &env), Err(Trouble::Unclosed));
        assert_eq!(expand("${a-b}", &env), Err(Trouble::NoName));
        assert!(has_variable("x${A}") && !has_variable("$${A}"));
    }
}
