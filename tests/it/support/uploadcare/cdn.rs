//! The CDN: headers as in `py_acl_token_bare_uuid`.

use chrono::Utc;

use super::files::Project;
use super::{Answer, Ask, said, signatures};

pub fn answer(project: &Project, ask: &Ask) -> Answer {
    let path = ask.path().strip_prefix("/cdn").unwrap();
    let uuid = path.split('/').nth(1).unwrap();
    if let Some(secret) = &project.secure
        && !is_allowed(ask, path, secret)
    {
        return said(403, &[("content-type", "text/html".into())], "<html>Access denied</html>");
    }
    let Some(file) = project.there().into_iter().find(|file| file.uuid == uuid) else {
        return said(404, &[("content-type", "text/html".into())], "<html>not found</html>");
    };
    let disposition = if path.contains("/-/inline/no/") { "attachment" } else { "inline" };
    let mut headers = vec![
        ("content-type", file.mime.clone()),
        ("etag", format!("\"{}\"", signatures::md5(&file.bytes))),
        ("content-disposition", format!("{disposition}; filename={}", path.rsplit('/').next().unwrap())),
        ("last-modified", file.uploaded.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
    ];
    let size = file.bytes.len();
    let Some(range) = ask.header("range").strip_prefix("bytes=").filter(|_| project.ranges) else {
        return said(200, &headers, file.bytes.clone());
    };
    let (first, last) = range.split_once('-').unwrap();
    let first: usize = first.parse().unwrap();
    let last = last.parse().map_or(size - 1, |last: usize| last.min(size - 1));
    headers.push(("content-range", format!("bytes {first}-{last}/{size}")));
    said(206, &headers, file.bytes.slice(first..=last))
}

/// `exp=…~acl=…~hmac=…` with an access list that covers the path.
fn is_allowed(ask: &Ask, path: &str, secret: &str) -> bool {
    let Some((body, hmac)) = ask.target.split_once("?token=").and_then(|(_, token)| token.rsplit_once("~hmac=")) else {
        return false;
    };
    let key: Vec<u8> =
        (0..secret.len() / 2).map(|at| u8::from_str_radix(&secret[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let (end, acl) = body.strip_prefix("exp=").unwrap().split_once("~acl=").unwrap();
    let covers = acl.strip_suffix('*').map_or(path == acl, |prefix| path.starts_with(prefix));
    covers && end.parse::<i64>().unwrap() > Utc::now().timestamp() && signatures::sha256(&key, body) == hmac
}
