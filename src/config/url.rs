//! What the configuration needs to know about URLs: their parts, and the slips people make when they copy one. Not a
//! whole parser: the libraries that use the URLs have theirs.

/// A URL's parts as written.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Before `://`, as written.
    pub scheme: &'a str,
    /// The host, without brackets, user and port; empty where there is none.
    pub host: &'a str,
    /// From the first `/` on, without query.
    pub path: &'a str,
    /// After `?`.
    pub query: &'a str,
    /// Whether a user or a password stands before the host.
    pub has_user: bool,
}

/// Takes a URL apart; `None` without `://`.
pub fn parts(url: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    Some(Parts { scheme, host: host(place), path, query, has_user: user.is_some() })
}

fn host(place: &str) -> &str {
    match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => place.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine: `localhost`, loopback addresses, or none at all (a unix socket).
pub fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    host.is_empty() || host == "localhost" || host.ends_with(".localhost") || loopback
}

/// An `http` address without a slash at its end, or what is wrong with it: half a sentence and what to do.
///
/// # Errors
/// A missing scheme or host, a URL pasted twice, a user, a query.
pub fn web_base(url: &str) -> Result<String, (String, String)> {
    let wrong = |why: &str, hint: &str| Err((why.to_owned(), hint.to_owned()));
    let Some(parts) = parts(url) else {
        let scheme = if is_local(host(url.split('/').next().unwrap_or_default())) { "http" } else { "https" };
        return wrong("has no scheme", &format!("write {scheme}://{url}"));
    };
    if url.matches("://").count() > 1 {
        return wrong("is pasted twice", "write the URL once");
    }
    if !matches!(parts.scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return wrong("begins with neither https:// nor http://", "write https://HOST");
    }
    if parts.host.is_empty() || url.contains(char::is_whitespace) {
        return wrong("is no URL", "write https://HOST");
    }
    if parts.has_user {
        return wrong("has a user or a password in it", "keys have fields of their own");
    }
    if !parts.query.is_empty() || url.contains('#') {
        return wrong("has a ? or # in it", "write only https://HOST and, where there is one, the path");
    }
    if !is_host(parts.host) {
        return wrong("names a host that is none", "write the host that the provider shows, without < > or { }");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The account of R2 whose endpoint this is (`https://ACCOUNT.r2.cloudflarestorage.com`, or of a jurisdiction), with a scheme
/// or without.
pub fn r2_account(url: &str) -> Option<&str> {
    let host = parts(url).map_or_else(|| host(url.split('/').next().unwrap_or_default()), |parts| parts.host);
    let account = host.strip_suffix(".r2.cloudflarestorage.com")?.split('.').next()?;
    is_host(account).then_some(account)
}

/// Whether it can be a host's name or an address. An underscore is none of DNS, and common in networks of containers.
pub fn is_host(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !host.is_empty() && (host.bytes().all(fits) || host.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_behind_users_and_before_ports() {
        let host = |url| parts(url).map(|parts| parts.host.to_owned());
        assert_eq!(host("postgres://me:p@ss@db.example.org:5432/x?y=z").as_deref(), Some("db.example.org"));
        assert_eq!(host("postgres://[::1]:5432/x").as_deref(), Some("::1"));
        assert_eq!(host("postgres:///x?host=/run").as_deref(), Some(""));
        assert_eq!(host("example.org"), None);
    }

    #[test]
    fn the_account_is_found_in_an_endpoint_of_r2() {
        assert_eq!(r2_account("https://abc.r2.cloudflarestorage.com/pics"), Some("abc"));
        assert_eq!(r2_account("abc.eu.r2.cloudflarestorage.com"), Some("abc"));
        assert_eq!(r2_account("https://<id>.r2.cloudflarestorage.com"), None);
        assert_eq!(r2_account("https://abc.example.org"), None);
    }

    #[test]
    fn this_machine_is_local_and_no_other() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "db.localhost", ""] {
            assert!(is_local(host), "{host}");
        }
        for host in ["db", "127.example.org", "10.0.0.1", "localhost.example.org"] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn slips_in_a_web_address_are_named() {
        let why = |url| web_base(url).unwrap_err().0;
        assert_eq!(why("s3.example.org"), "has no scheme");
        assert_eq!(why("https://a.example.orghttps://a.example.org"), "is pasted twice");
        assert_eq!(why("ftp://a"), "begins with neither https:// nor http://");
        assert_eq!(why("https://"), "is no URL");
        assert_eq!(why("https://<account>.r2.cloudflarestorage.com"), "names a host that is none");
        assert_eq!(web_base("http://[::1]:9000").as_deref(), Ok("http://[::1]:9000"));
        assert_eq!(web_base("http://object_store:9000").as_deref(), Ok("http://object_store:9000"));
        assert_eq!(why("https://key:secret@a"), "has a user or a password in it");
        assert_eq!(web_base("https://a.example.org/s3/").as_deref(), Ok("https://a.example.org/s3"));
    }
}
