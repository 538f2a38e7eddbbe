//! Why a request never got an answer. The reasons hide at the end of a chain of wrapped errors of several libraries, and
//! they are dug out in one place, for the client (which decides whether to try again) and for the sentences.

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// What kept the answer away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The host's name has no address.
    UnknownHost,
    /// Nobody listens at the port.
    Refused,
    /// There is no way to the host.
    Unreachable,
    /// The server's certificate is not good enough; in what, and why in the library's words.
    Certificate(Fault, String),
    /// TLS failed otherwise; why, in the library's words.
    Tls(String),
    /// What answers there does not speak HTTP.
    NotHttp,
    /// No connection or no answer in time.
    TimedOut,
    /// The connection ended in the middle.
    Cut,
    /// This, once all of the request had gone: what became of it nobody knows.
    Unanswered(Box<Trouble>),
    /// It is no request: its URL or a header is malformed.
    Unsendable,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is another host's.
    Name,
    /// It is over, or has not begun.
    Time,
    /// Nobody that is trusted here has signed it.
    Authority,
}

impl Trouble {
    /// Digs it out.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut named = None;
        for link in chain(error) {
            if let Some(tls) = link.downcast_ref::<rustls::Error>() {
                return by_tls(tls);
            }
            named = named.or_else(|| by_words(&link.to_string()));
            if let Some(trouble) = link.downcast_ref::<io::Error>().and_then(|error| by_kind(error.kind())) {
                named = named.or(Some(trouble));
            }
        }
        named.unwrap_or(Self::Cut)
    }

    /// The same where all of the request had gone before, as far as anybody can tell: a connection that never came about
    /// has carried nothing.
    pub fn after_all_had_gone(self) -> Self {
        match self {
            Self::Cut | Self::TimedOut => Self::Unanswered(Box::new(self)),
            other => other,
        }
    }

    /// Whether the connection ended in the middle, of the request or of its answer.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::Unanswered(trouble) => trouble.is_cut(),
            trouble => *trouble == Self::Cut,
        }
    }
}

fn by_tls(error: &rustls::Error) -> Trouble {
    let rustls::Error::InvalidCertificate(why) = error else { return Trouble::Tls(error.to_string()) };
    let fault = match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Fault::Name,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Fault::Time,
        _ => Fault::Authority,
    };
    Trouble::Certificate(fault, why.to_string())
}

/// The resolver's, the parser's and the timer's error types are private to their libraries; their words are all there is.
fn by_words(text: &str) -> Option<Trouble> {
    if text.starts_with("dns error") || text.contains("failed to lookup address") {
        return Some(Trouble::UnknownHost);
    }
    if text.starts_with("invalid HTTP") {
        return Some(Trouble::NotHttp);
    }
    let late = ["timed out", "timeout occurred", "timeout error"];
    late.iter().any(|words| text.contains(words)).then_some(Trouble::TimedOut)
}

fn by_kind(kind: io::ErrorKind) -> Option<Trouble> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(Trouble::Refused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Some(Trouble::Unreachable)
        }
        io::ErrorKind::TimedOut => Some(Trouble::TimedOut),
        _ => None,
    }
}

/// An error and what is behind it. `io::Error::source` skips the error that it wraps, so that one is asked for itself.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_was_there_leaves_a_doubt() {
        let doubtful = |trouble: Trouble| matches!(trouble.after_all_had_gone(), Trouble::Unanswered(_));
        assert!(doubtful(Trouble::Cut) && doubtful(Trouble::TimedOut));
        assert!(!doubtful(Trouble::Refused) && !doubtful(Trouble::UnknownHost));
        assert!(Trouble::Cut.after_all_had_gone().is_cut() && !Trouble::TimedOut.after_all_had_gone().is_cut());
    }

    #[test]
    fn the_reason_is_dug_out_of_wrapped_errors() {
        let refused = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(Trouble::of(&refused), Trouble::Refused);
        let tls = io::Error::other(io::Error::other(rustls::Error::General("bad".into())));
        assert!(matches!(Trouble::of(&tls), Trouble::Tls(why) if why.contains("bad")));
        let certificate = io::Error::other(rustls::Error::InvalidCertificate(CertificateError::Expired));
        assert!(matches!(Trouble::of(&certificate), Trouble::Certificate(Fault::Time, _)));
        let dns = io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(Trouble::of(&dns), Trouble::UnknownHost);
        assert_eq!(Trouble::of(&io::Error::from(io::ErrorKind::TimedOut)), Trouble::TimedOut);
        assert_eq!(Trouble::of(&io::Error::from(io::ErrorKind::ConnectionReset)), Trouble::Cut);
    }
}
