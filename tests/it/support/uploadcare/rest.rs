//! The REST API, version 0.7: JSON with `detail` for what it refuses.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::files::{File, Project, written};
use super::{Answer, Ask, PUBLIC_KEY, said, signatures};

const VERSION: &str = "application/vnd.uploadcare-v0.7+json";

pub fn answer(project: &mut Project, ask: &Ask) -> Answer {
    if let Err(refusal) = check(ask) {
        return *refusal;
    }
    let segments: Vec<&str> = ask.path().trim_matches('/').split('/').collect();
    let url = project.url.clone();
    match (&*ask.method, segments.as_slice()) {
        ("GET", ["files"]) => list(project, ask),
        ("PUT" | "DELETE", ["files", "storage"]) => batch(project, ask),
        ("GET", ["files", uuid]) => match project.file(uuid) {
            Some(file) => {
                let answer = good(&file.described(&url));
                file.looked_at();
                answer
            }
            None => refused(404, "Not found."),
        },
        (method @ ("PUT" | "DELETE"), ["files", uuid, "storage"]) => match project.file(uuid) {
            Some(file) => {
                change(file, method);
                good(&file.described(&url))
            }
            None => refused(404, "Not found."),
        },
        _ => said(404, &[("content-type", "text/html".into())], "<!DOCTYPE html><title>404</title>"),
    }
}

fn good(value: &Value) -> Answer {
    said(200, &[("content-type", VERSION.into())], value.to_string())
}

fn refused(status: u16, detail: &str) -> Answer {
    said(status, &[("content-type", VERSION.into())], json!({"detail": detail}).to_string())
}

fn check(ask: &Ask) -> Result<(), Box<Answer>> {
    if ask.header("accept") != VERSION {
        return Err(Box::new(refused(406, "Incorrect Accept header provided.")));
    }
    let date = DateTime::parse_from_rfc2822(ask.header("date"));
    let near = date.is_ok_and(|date| (Utc::now() - date.to_utc()).abs() < TimeDelta::minutes(15));
    if !near {
        return Err(Box::new(refused(401, "Incorrect authentication credentials.")));
    }
    let named = ask.header("authorization").strip_prefix("Uploadcare ").and_then(|pair| pair.split_once(':'));
    if let Some((key, _)) = named.filter(|(key, _)| *key != PUBLIC_KEY) {
        return Err(Box::new(refused(401, &format!("Public key {key} not found."))));
    }
    match ask.header("authorization") == signatures::authorization(ask) {
        true => Ok(()),
        false => Err(Box::new(refused(401, "Invalid signature. Please check your Secret key."))),
    }
}

fn change(file: &mut File, method: &str) {
    let now = Utc::now();
    match method {
        "PUT" => file.stored = file.stored.or(Some(now)),
        _ => file.removed = file.removed.or(Some(now)),
    }
}

/// `next` as in `pagination_65_pages`: the last entry's time, exclusive.
fn list(project: &Project, ask: &Ask) -> Answer {
    let limit: usize = ask.query("limit").map_or(100, |limit| limit.parse().unwrap());
    assert!((1..=1000).contains(&limit));
    let descending = ask.query("ordering").as_deref() == Some("-datetime_uploaded");
    let mut files = project.there();
    files.sort_by_key(|file| file.uploaded);
    if descending {
        files.reverse();
    }
    if let Some(from) = ask.query("from") {
        let from: DateTime<Utc> = from.parse().unwrap();
        files.retain(|file| if descending { file.uploaded < from } else { file.uploaded > from });
    }
    let more = files.len() > limit;
    files.truncate(limit);
    let next = files.last().filter(|_| more).map(|last| {
        let from = written(last.uploaded).replace('Z', "+00:00").replace(':', "%3A").replace('+', "%2B");
        let ordering = if descending { "&ordering=-datetime_uploaded" } else { "" };
        format!("{}/files/?limit={limit}{ordering}&from={from}&offset=0", project.url)
    });
    let results: Vec<Value> = files.iter().map(|file| file.described(&project.url)).collect();
    good(&json!({
        "next": next, "previous": null, "total": 0, "totals": {"removed": 0, "stored": -3, "unstored": 0},
        "per_page": limit, "results": results,
    }))
}

/// The results come in another order than they were asked for, as recorded.
fn batch(project: &mut Project, ask: &Ask) -> Answer {
    let Ok(ids) = serde_json::from_slice::<Vec<String>>(&ask.body) else {
        return refused(400, "Expected list of UUIDs");
    };
    if ids.is_empty() {
        return refused(400, "List of UUIDs can not be empty");
    }
    if ids.len() > 100 {
        return refused(400, "Maximum UUIDs per request is exceeded. The limit is 100");
    }
    let url = project.url.clone();
    let (mut problems, mut result) = (serde_json::Map::new(), Vec::new());
    for id in ids.iter().rev() {
        match project.file(id) {
            Some(file) => {
                change(file, &ask.method);
                result.push(file.described(&url));
            }
            None if Uuid::try_parse(id).is_ok() => {
                problems.insert(id.clone(), "Missing in the project".into());
            }
            None => {
                problems.insert(id.clone(), "Invalid".into());
            }
        }
    }
    good(&json!({"status": "ok", "problems": problems, "result": result}))
}
