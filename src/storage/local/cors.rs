//! CORS as S3 answers it: which rule of a bucket lets a browser's page in, and the headers that say so. The preflight is
//! answered here, because it carries no signature.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method};
use s3s::dto::CORSRule;

use crate::domain::CorsWish;

/// What a page wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish(CorsWish);

impl Wish {
    /// What a preflight asks for; `None` where it does not say.
    pub fn of_preflight(headers: &HeaderMap) -> Option<Self> {
        let names = text(headers, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        let names = names.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        Some(Self(CorsWish {
            origin: text(headers, &ORIGIN)?,
            method: text(headers, &ACCESS_CONTROL_REQUEST_METHOD)?,
            headers: names.collect(),
        }))
    }

    /// What a request does; `None` where it does not come from a page.
    pub fn of_request(method: &Method, headers: &HeaderMap) -> Option<Self> {
        let (origin, method) = (text(headers, &ORIGIN)?, method.as_str().to_owned());
        Some(Self(CorsWish { origin, method, headers: Vec::new() }))
    }

    /// The first rule that grants it.
    pub fn granted_by<'r>(&self, rules: &'r [CORSRule]) -> Option<&'r CORSRule> {
        rules.iter().find(|rule| {
            let headers = rule.allowed_headers.as_deref().unwrap_or_default();
            self.0.is_granted(&rule.allowed_origins, &rule.allowed_methods, headers)
        })
    }

    /// The headers that tell the browser what was granted.
    pub fn answer(&self, rule: &CORSRule) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            // What came in as a header goes out as one; a rule's text that cannot is left out, which grants less.
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        };
        if rule.allowed_origins.iter().any(|origin| origin == "*") {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, &self.0.origin);
            set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        set(ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
        if !self.0.headers.is_empty() {
            set(ACCESS_CONTROL_ALLOW_HEADERS, &self.0.headers.join(", "));
        }
        if let Some(exposed) = rule.expose_headers.as_ref().filter(|exposed| !exposed.is_empty()) {
            set(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
        }
        if let Some(seconds) = rule.max_age_seconds {
            set(ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        set(VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        headers
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origin: &str, method: &str, headers: &[&str]) -> CORSRule {
        CORSRule {
            allowed_origins: vec![origin.into()],
            allowed_methods: vec![method.into()],
            allowed_headers: Some(headers.iter().map(|name| (*name).to_owned()).collect()),
            ..CORSRule::default()
        }
    }

    fn wish(origin: &str, method: &str, headers: &[&str]) -> Wish {
        let headers = headers.iter().map(|name| (*name).to_owned()).collect();
        Wish(CorsWish { origin: origin.into(), method: method.into(), headers })
    }

    #[test]
    fn an_open_rule_says_star_and_a_narrow_one_names_the_origin() {
        let open = wish("https://a", "GET", &[]).answer(&rule("*", "GET", &[]));
        assert_eq!(open[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(!open.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
        let narrow = wish("https://a", "GET", &[]).answer(&rule("https://a", "GET", &[]));
        assert_eq!(narrow[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a");
    }
}
