//! A bucket's CORS rules: which pages a browser lets read and write there (S3 user guide, "Elements of a CORS
//! configuration"). The local bucket's server, the doctor and the commands all judge by what stands here.

use super::{Failure, FailureKind, Result};

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// What somebody has called it; people and programs that set rules know theirs by it.
    pub id: Option<String>,
    /// Origins, each with at most one `*`.
    pub origins: Vec<String>,
    /// HTTP methods.
    pub methods: Vec<String>,
    /// Headers that a page may send, each with at most one `*`.
    pub headers: Vec<String>,
    /// Headers that a page may read.
    pub exposed: Vec<String>,
    /// How long a browser may remember the answer, in seconds.
    pub max_age: Option<u32>,
}

/// What a provider's guide has a person set, and where its own pages do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorsGuide {
    /// HTTP methods of the guide's rule.
    pub methods: &'static [&'static str],
    /// Headers that a page may send.
    pub headers: &'static [&'static str],
    /// Headers that a page may read.
    pub exposed: &'static [&'static str],
    /// How long a browser may remember the answer, in seconds.
    pub max_age: Option<u32>,
    /// Where to click instead: "the S3 console: …".
    pub page: &'static str,
    /// What that page takes.
    pub notation: CorsNotation,
    /// How long a change takes, where it is not at once, as a sentence without its full stop.
    pub delay: Option<&'static str>,
}

/// How rules are written where they are set by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorsNotation {
    /// S3's JSON, which is pasted into the page.
    S3,
    /// B2's own, which its page has no place for and its command line takes.
    B2,
}

impl CorsGuide {
    /// The rule of the AWS guide; services that nobody has written a guide for are given the same.
    pub const S3: Self = Self {
        methods: &["GET", "PUT"],
        headers: &["*"],
        exposed: &[],
        max_age: Some(9000),
        page: "the S3 console: the bucket > Permissions > Cross-origin resource sharing (CORS)",
        notation: CorsNotation::S3,
        delay: None,
    };

    /// The guide's rule for these origins.
    pub fn rule(&self, origins: Vec<String>) -> CorsRule {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        CorsRule {
            id: None,
            origins,
            methods: texts(self.methods),
            headers: texts(self.headers),
            exposed: texts(self.exposed),
            max_age: self.max_age,
        }
    }
}

/// What a page wants to do, as its browser asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsWish {
    /// Where the page is from: `https://example.org`.
    pub origin: String,
    /// The HTTP method.
    pub method: String,
    /// Headers that it sends and that are not every request's, in lower case.
    pub headers: Vec<String>,
}

impl CorsWish {
    /// An upload with a presigned URL, as the guides' pages do it.
    pub fn upload_from(origin: &str) -> Self {
        Self { origin: origin.into(), method: "PUT".into(), headers: vec!["content-type".into()] }
    }

    /// Whether a rule of these parts grants it (S3 API reference, "CORS": the first rule that does is the one that counts).
    pub fn is_granted(&self, origins: &[String], methods: &[String], headers: &[String]) -> bool {
        let may_send = |name: &String| headers.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), name));
        self.comes_from(origins) && methods.contains(&self.method) && self.headers.iter().all(may_send)
    }

    fn comes_from(&self, origins: &[String]) -> bool {
        origins.iter().any(|pattern| matches(pattern, &self.origin))
    }

    /// Why no rule grants it, as half a sentence; `None` where one does.
    pub fn why_not(&self, rules: &[CorsRule]) -> Option<String> {
        if rules.iter().any(|rule| self.is_granted(&rule.origins, &rule.methods, &rule.headers)) {
            return None;
        }
        let Self { origin, method, headers } = self;
        let of_origin: Vec<_> = rules.iter().filter(|rule| self.comes_from(&rule.origins)).collect();
        Some(match (rules.is_empty(), of_origin.is_empty()) {
            (true, _) => "the bucket has no CORS rules".into(),
            (false, true) => format!("no CORS rule is for {origin}"),
            _ if !of_origin.iter().any(|rule| rule.methods.contains(method)) => {
                format!("the CORS rules for {origin} do not allow {method}")
            }
            _ => format!("the CORS rules for {origin} allow {method}, but not with the header {}", headers.join(", ")),
        })
    }
}

/// A pattern has at most one `*`, which stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len() && text.starts_with(before) && text.ends_with(after)
        }
    }
}

/// The rules with one more: its origins join the rule that is otherwise the same and that nobody has given a name. What is
/// granted in the same words already is not written again. Other people's rules stay as they are.
pub fn with_rule(mut rules: Vec<CorsRule>, rule: CorsRule) -> Vec<CorsRule> {
    let alike = |known: &CorsRule| {
        let named = CorsRule { id: known.id.clone(), origins: known.origins.clone(), ..rule.clone() };
        named == *known
    };
    let granted: Vec<String> =
        rules.iter().filter(|known| alike(known)).flat_map(|known| known.origins.clone()).collect();
    let new: Vec<String> = rule.origins.iter().filter(|origin| !granted.contains(origin)).cloned().collect();
    if new.is_empty() {
        return rules;
    }
    match rules.iter_mut().find(|known| known.id.is_none() && alike(known)) {
        Some(known) => known.origins.extend(new),
        None => rules.push(CorsRule { origins: new, ..rule.clone() }),
    }
    rules
}

/// An origin as browsers send it: scheme and host, perhaps a port, in lower case; or `*`.
///
/// # Errors
/// `Usage` where it has a path, no scheme, or more than one `*`.
pub fn origin(text: &str) -> Result<String> {
    let wrong = |why: &str, hint: String| {
        Err(Failure::new(FailureKind::Usage, format!("\"{text}\" is no origin: {why}")).hint(hint))
    };
    if text == "*" {
        return Ok(text.into());
    }
    let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
    else {
        return wrong("it has no scheme", "write it like https://example.org or http://localhost:3000".into());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host != rest {
        return wrong("browsers send no path", format!("write {scheme}://{host}"));
    }
    let is_of_a_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '*' | '[' | ']');
    if !host.chars().all(is_of_a_host) || text.matches('*').count() > 1 {
        return wrong("its host cannot be one", "write it like https://example.org or https://*.example.org".into());
    }
    Ok(text.to_ascii_lowercase())
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origin: &str, method: &str, headers: &[&str]) -> CorsRule {
        CorsRule {
            origins: vec![origin.into()],
            methods: vec![method.into()],
            headers: headers.iter().map(|name| (*name).to_owned()).collect(),
            ..CorsRule::default()
        }
    }

    fn wish(origin: &str, method: &str, headers: &[&str]) -> CorsWish {
        let headers = headers.iter().map(|name| (*name).to_owned()).collect();
        CorsWish { origin: origin.into(), method: method.into(), headers }
    }

    #[test]
    fn a_rule_grants_only_what_it_names() {
        let rules = [rule("https://*.example.org", "PUT", &["content-*", "X-Amz-Date"])];
        let why = |origin: &str, method: &str, headers: &[&str]| wish(origin, method, headers).why_not(&rules);
        assert_eq!(why("https://a.example.org", "PUT", &["content-type", "x-amz-date"]), None);
        assert_eq!(why("https://example.org", "PUT", &[]).unwrap(), "no CORS rule is for https://example.org");
        let method = why("https://a.example.org", "GET", &[]).unwrap();
        assert_eq!(method, "the CORS rules for https://a.example.org do not allow GET");
        let header = why("https://a.example.org", "PUT", &["authorization"]).unwrap();
        assert!(header.ends_with("allow PUT, but not with the header authorization"), "{header}");
        assert_eq!(wish("https://a", "GET", &[]).why_not(&[]).unwrap(), "the bucket has no CORS rules");
    }

    #[test]
    fn what_the_guides_set_lets_a_page_upload() {
        let rules = [CorsGuide::S3.rule(vec!["http://localhost:3000".into()])];
        assert_eq!(CorsWish::upload_from("http://localhost:3000").why_not(&rules), None);
        assert!(CorsWish::upload_from("http://localhost:3001").why_not(&rules).is_some());
    }

    #[test]
    fn an_origin_joins_the_rule_that_is_like_its_own_and_foreign_rules_stay() {
        let foreign = rule("https://other", "GET", &[]);
        let first = with_rule(vec![foreign.clone()], CorsGuide::S3.rule(vec!["https://a".into()]));
        assert_eq!((first.len(), &first[0]), (2, &foreign));
        let second = with_rule(first, CorsGuide::S3.rule(vec!["https://a".into(), "https://b".into()]));
        assert_eq!((second.len(), &second[1].origins), (2, &vec!["https://a".to_owned(), "https://b".into()]));
    }

    #[test]
    fn a_rule_that_has_a_name_is_somebody_elses_even_where_it_says_the_same() {
        let named = CorsRule { id: Some("of terraform".into()), ..CorsGuide::S3.rule(vec!["https://a".into()]) };
        let granted = with_rule(vec![named.clone()], CorsGuide::S3.rule(vec!["https://a".into()]));
        assert_eq!(granted, std::slice::from_ref(&named), "it is granted already");
        let both = with_rule(granted, CorsGuide::S3.rule(vec!["https://a".into(), "https://b".into()]));
        assert_eq!((both.len(), &both[0]), (2, &named));
        assert_eq!((&both[1].id, &both[1].origins), (&None, &vec!["https://b".to_owned()]));
    }

    #[test]
    fn origins_are_what_browsers_send() {
        for (text, right) in [
            ("https://Example.org", "https://example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://*.example.org", "https://*.example.org"),
            ("tauri://localhost", "tauri://localhost"),
            ("*", "*"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(right));
        }
        for (text, hint) in [
            ("https://example.org/app", "write https://example.org"),
            ("https://example.org/", "write https://example.org"),
            ("example.org", "write it like https://example.org or http://localhost:3000"),
            ("https://", "write it like https://example.org or http://localhost:3000"),
            ("https://*.*.org", "write it like https://example.org or https://*.example.org"),
            ("https://a b", "write it like https://example.org or https://*.example.org"),
        ] {
            let failure = origin(text).unwrap_err();
            assert_eq!((failure.kind, failure.hint.as_deref()), (FailureKind::Usage, Some(hint)), "{text}");
        }
    }
}
