//! The bucket, from the name of its host to what a page's upload would meet. Each check stands on the one before it: what
//! could not be looked at says why.

use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};

use super::access::{self, Access};
use super::probe::{self, Probe};
use super::report::{Report, Verdict};
use super::{OF_BUCKET, Patient};
use crate::domain::finding::{Check, Status};
use crate::domain::{CorsWish, Result, cors};
use crate::storage::http::{Answer, Ask, Body, Http, Patience, Target, Trouble, offline, unknown_host};
use crate::storage::{NOBODYS, ObjectStore};
use crate::transfer::Connection;

/// From where the guides' pages upload while they are developed.
const DEVELOPMENT: &str = "http://localhost:3000";

/// Why nothing was looked at behind the connection.
const NO_CONNECTION: &str = "there is no connection to the bucket";

/// A clock that differs by so much is worth a word.
const ODD: TimeDelta = TimeDelta::minutes(5);

/// S3 refuses signatures that are older (S3 API reference, "RequestTimeTooSkewed").
const REFUSED: TimeDelta = TimeDelta::minutes(15);

/// The checks of the way to the bucket, of which all is told before the bucket is asked for anything.
pub const WAY: [Check; 4] = [Check::Dns, Check::Connection, Check::Tls, Check::Clock];

/// The bucket's side of a profile and the way to it.
pub struct Side<'a> {
    pub connection: &'a Connection,
    pub report: &'a Report,
    pub http: Http,
}

impl Side<'_> {
    pub fn store(&self) -> &dyn ObjectStore {
        self.connection.store.as_ref()
    }

    /// The bucket that comes with Windlass: nothing lies between.
    pub fn is_here(&self) -> bool {
        self.connection.profile.is_served_here()
    }
}

/// The way to the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// There is none.
    None,
    /// There is one.
    Open,
    /// There is one, and the clocks differ by more than signatures may.
    WrongClock,
}

/// Looks at everything.
pub async fn look(patient: &Patient, connection: &Connection, report: &Report) {
    let probe = Probe::new(connection.store.clone());
    let url = match address(connection).await {
        Ok(url) => url,
        Err(failure) => {
            report.say(Check::Credentials, failure.into()).await;
            return skip_but(report, &[Check::Credentials], "no link can be made").await;
        }
    };
    let ca_file = connection.profile.ca_file.as_deref();
    let http = match Http::new(ca_file, Patience::default(), Target::of(&url)) {
        Ok(http) => http,
        Err(failure) => {
            report.say(Check::Tls, failure.into()).await;
            return skip_but(report, &[Check::Tls], "ca_file cannot be used").await;
        }
    };
    let side = Side { connection, report, http };
    let way = reached(&side, &url).await;
    if way == Way::None {
        return skip_but(report, &WAY, NO_CONNECTION).await;
    }
    let access = access::look(&side, way).await;
    if !matches!(access, Access::Shut) {
        tokio::join!(probe::look(&side, &probe, access), pages(patient, &side));
    }
}

/// Tells that nothing was looked at but this.
pub async fn skip_but(report: &Report, said: &[Check], why: &str) {
    let rest: Vec<Check> = OF_BUCKET.into_iter().filter(|check| !said.contains(check)).collect();
    report.skip(&rest, why).await;
}

/// A URL at the bucket's host, which is not shown.
async fn address(connection: &Connection) -> Result<String> {
    let link = connection.store.link(NOBODYS, probe::LIFE, None).await?;
    Ok(link.url.expose().to_owned())
}

/// Name, connection, certificate and clock.
async fn reached(side: &Side<'_>, url: &str) -> Way {
    if side.is_here() {
        let why = "the local bucket is served in this process, the same one to every local profile";
        side.report.skip(&WAY, why).await;
        return Way::Open;
    }
    let (scheme, authority) = parts(url);
    let base = format!("{scheme}://{authority}/");
    let (known, answer) = tokio::join!(host(side, authority), greet(side, &base));
    side.report.say(Check::Dns, known).await;
    let reached = answer.is_ok();
    side.report.say(Check::Connection, connection(authority, &answer)).await;
    side.report.say(Check::Tls, certificate(scheme, authority, &answer)).await;
    let clock = answer.ok().and_then(|answer| date(&answer));
    let clock = clock.map_or_else(no_clock, |theirs| skew(theirs, Utc::now()));
    let way = match clock.status {
        _ if !reached => Way::None,
        Status::Fail => Way::WrongClock,
        _ => Way::Open,
    };
    side.report.say(Check::Clock, clock).await;
    way
}

/// Scheme, and host with port.
pub fn parts(url: &str) -> (&str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    (scheme, rest.split(['/', '?']).next().unwrap_or(rest))
}

async fn host(side: &Side<'_>, authority: &str) -> Verdict {
    if let Some(address) = address_in(authority) {
        return Verdict::ok(format!("{address} is an address: no name is looked up"));
    }
    let port_is_named = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let asked = if port_is_named { authority.to_owned() } else { format!("{authority}:443") };
    match side.report.within(tokio::net::lookup_host(asked)).await {
        Some(Ok(mut addresses)) => match addresses.next() {
            Some(address) => Verdict::ok(format!("{authority} is {}", address.ip())),
            None => unknown(side, authority),
        },
        Some(Err(_)) => unknown(side, authority),
        None => Verdict::fail("the name server does not answer", "check this machine's network"),
    }
}

fn unknown(side: &Side<'_>, authority: &str) -> Verdict {
    let failure = offline(authority, &Trouble::UnknownHost);
    Verdict::fail(failure.what, unknown_host(&side.connection.profile.names))
}

async fn greet(side: &Side<'_>, base: &str) -> Result<Answer, Trouble> {
    let ask = Ask { method: "GET", url: base, headers: Vec::new(), body: Body::Plain(Default::default()), wait: None };
    side.report.within(side.http.send(&ask)).await.unwrap_or(Err(Trouble::TimedOut))
}

/// The address that stands in place of a host's name, with a port behind it or without.
fn address_in(authority: &str) -> Option<IpAddr> {
    let with_port = authority.parse::<SocketAddr>().map(|socket| socket.ip());
    with_port.or_else(|_| authority.trim_matches(['[', ']']).parse()).ok()
}

/// Whatever was answered: somebody is there.
fn connection(authority: &str, answer: &Result<Answer, Trouble>) -> Verdict {
    match answer {
        Err(Trouble::UnknownHost) => Verdict::skip("the host is not known"),
        Ok(_) | Err(Trouble::Certificate(..) | Trouble::Tls(_)) => {
            Verdict::ok(format!("{authority} takes connections"))
        }
        Err(trouble) => offline(authority, trouble).into(),
    }
}

/// Whatever was answered: somebody trusted is there.
fn certificate(scheme: &str, authority: &str, answer: &Result<Answer, Trouble>) -> Verdict {
    match answer {
        Err(trouble @ (Trouble::Certificate(..) | Trouble::Tls(_))) => offline(authority, trouble).into(),
        Ok(_) if scheme == "http" => unencrypted(authority),
        _ if scheme == "http" => Verdict::skip(NO_TLS),
        Err(_) => Verdict::skip(NO_CONNECTION),
        Ok(_) => Verdict::ok(format!("the certificate of {authority} is trusted")),
    }
}

/// Within this machine nobody listens.
fn unencrypted(authority: &str) -> Verdict {
    if Target::of(&format!("http://{authority}")).loopback {
        return Verdict::skip(NO_TLS);
    }
    Verdict::warn(
        "not encrypted: files can be read and changed on the way, for the endpoint is http",
        "write https in the endpoint if the service takes it",
    )
}

const NO_TLS: &str = "the endpoint asks for no TLS";

fn date(answer: &Answer) -> Option<DateTime<Utc>> {
    let text = answer.header("date")?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

fn no_clock() -> Verdict {
    Verdict::skip("no answer said what time it is there")
}

fn skew(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Verdict {
    let off = (ours - theirs).abs();
    let told =
        |off: TimeDelta| format!("this machine's clock and the bucket's differ by {} minutes", off.num_minutes());
    match off {
        off if off > REFUSED => Verdict::fail(told(off), "set the clock: signatures are refused from 15 minutes on"),
        off if off > ODD => Verdict::warn(told(off), "set the clock: signatures are refused from 15 minutes on"),
        _ => Verdict::ok("this machine's clock agrees with the bucket's"),
    }
}

/// What a page that uploads with a presigned URL would meet.
async fn pages(patient: &Patient, side: &Side<'_>) {
    if let Err(reason) = side.store().capabilities().cors {
        return side.report.say(Check::Cors, Verdict::skip(reason)).await;
    }
    let asked = patient.origin.as_deref();
    side.report
        .run(Check::Cors, async {
            let origin = match cors::origin(asked.unwrap_or(DEVELOPMENT)) {
                Ok(origin) => origin,
                Err(failure) => return failure.into(),
            };
            match side.store().cors().await {
                // Keys rarely may read the rules, and nothing else needs them to.
                Err(failure) => Verdict { status: Status::Skip, ..failure.into() },
                Ok(rules) => upload(&origin, CorsWish::upload_from(&origin).why_not(&rules), asked.is_some()),
            }
        })
        .await;
}

fn upload(origin: &str, why_not: Option<String>, asked: bool) -> Verdict {
    let Some(why) = why_not else {
        return Verdict::ok(format!("a page of {origin} may PUT with a content type"));
    };
    let what = format!("a browser would block an upload from {origin}: {why}");
    let hint = format!("windlass cors allow {origin}");
    if asked { Verdict::fail(what, hint) } else { Verdict::warn(what, hint) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_differ_a_little() {
        let now = Utc::now();
        let status = |minutes| skew(now - TimeDelta::minutes(minutes), now).status;
        assert_eq!((status(1), status(-4)), (Status::Ok, Status::Ok));
        assert_eq!((status(6), status(-14)), (Status::Warn, Status::Warn));
        assert_eq!((status(16), status(-600)), (Status::Fail, Status::Fail));
    }

    #[test]
    fn what_a_page_would_meet_fails_only_where_it_was_asked_about() {
        let why = || Some("the bucket has no CORS rules".to_owned());
        assert_eq!(upload("https://a", why(), true).status, Status::Fail);
        let guessed = upload("https://a", why(), false);
        assert_eq!((guessed.status, guessed.hint.as_deref()), (Status::Warn, Some("windlass cors allow https://a")));
        assert_eq!(upload("https://a", None, true).status, Status::Ok);
    }

    #[test]
    fn an_address_is_no_name() {
        for authority in ["127.0.0.1:1", "127.0.0.1", "[::1]:9000", "[::1]"] {
            assert!(address_in(authority).is_some_and(|address| address.is_loopback()), "{authority}");
        }
        for authority in ["localhost:9000", "s3.example.org", "1.example.org:443"] {
            assert_eq!(address_in(authority), None, "{authority}");
        }
    }

    #[test]
    fn a_connection_that_nobody_takes_is_no_trouble_of_tls() {
        let of = |scheme, trouble: Trouble| {
            let answer = Err(trouble);
            (connection("h:1", &answer).status, certificate(scheme, "h:1", &answer).status)
        };
        for trouble in [Trouble::Refused, Trouble::TimedOut, Trouble::NotHttp] {
            assert_eq!(of("http", trouble.clone()), (Status::Fail, Status::Skip), "{trouble:?}");
            assert_eq!(of("https", trouble.clone()), (Status::Fail, Status::Skip), "{trouble:?}");
        }
        assert_eq!(of("https", Trouble::Tls("bad".into())), (Status::Ok, Status::Fail));
        assert_eq!(of("https", Trouble::UnknownHost), (Status::Skip, Status::Skip));
    }

    #[test]
    fn http_to_another_machine_is_worth_a_word() {
        for authority in ["127.0.0.1:9000", "localhost", "[::1]:9000"] {
            assert_eq!(unencrypted(authority).status, Status::Skip, "{authority}");
        }
        assert_eq!(unencrypted("192.0.2.1:9000").status, Status::Warn);
        assert_eq!(unencrypted("minio.example.org").status, Status::Warn);
    }

    #[test]
    fn the_host_is_taken_out_of_a_url() {
        assert_eq!(parts("https://h:9/x?X-Amz-Signature=1"), ("https", "h:9"));
        assert_eq!(parts("http://[::1]:80?x"), ("http", "[::1]:80"));
    }
}
