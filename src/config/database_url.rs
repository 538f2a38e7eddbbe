//! A PostgreSQL connection URL, read by Windlass itself and here alone: whoever connects, whoever asks whether that is this
//! machine and whoever tells one database from another must mean the same server.

use percent_encoding::percent_decode_str;

use super::url;

/// What a URL says. It has no `Debug`, as it holds a password.
#[derive(Default)]
pub struct DatabaseUrl {
    /// The host, or the folder of a socket; one among the parameters goes before the address.
    pub host: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// The database's name.
    pub database: Option<String>,
    /// Who connects.
    pub user: Option<String>,
    /// Their password.
    pub password: Option<String>,
    /// Settings of the session (`options`).
    pub settings: Vec<(String, String)>,
    /// `sslrootcert`.
    pub root_certificate: Option<String>,
    /// `sslcert`.
    pub client_certificate: Option<String>,
    /// `sslkey`.
    pub client_key: Option<String>,
    other_host: Option<String>,
}

impl DatabaseUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Half a sentence, which does not repeat the URL.
    pub fn read(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or("it has no ://")?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err("it begins with neither postgres:// nor postgresql://");
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut read = Self::of_address(rest)?;
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            read.parameter(&decode(name)?, decode(value)?)?;
        }
        read.host = read.other_host.take().or(read.host);
        Ok(read)
    }

    fn of_address(rest: &str) -> Result<Self, &'static str> {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
        let (host, port) = split_port(address)?;
        Ok(Self {
            host: filled(host)?,
            port,
            database: filled(path)?,
            user: filled(user)?,
            password: password.map(decode).transpose()?,
            ..Self::default()
        })
    }

    /// One parameter of libpq's; those that only libpq understands (`channel_binding`, `connect_timeout`, …) and
    /// `sslmode`, which the profile decides, are left out.
    fn parameter(&mut self, name: &str, value: String) -> Result<(), &'static str> {
        match name {
            // Of several the first counts.
            "host" | "hostaddr" => drop(self.other_host.get_or_insert(value)),
            "port" => self.port = Some(value.parse().map_err(|_| "its port is no number")?),
            "dbname" => self.database = Some(value),
            "user" => self.user = Some(value),
            "password" => self.password = Some(value),
            "sslrootcert" => self.root_certificate = Some(value),
            "sslcert" => self.client_certificate = Some(value),
            "sslkey" => self.client_key = Some(value),
            // `-c name=value …`, or Neon's bare `endpoint=ep-…`.
            "options" => self.settings.extend(value.split_ascii_whitespace().filter_map(setting)),
            _ => {
                if let Some(setting) = name.strip_prefix("options[").and_then(|rest| rest.strip_suffix(']')) {
                    self.settings.push((setting.to_owned(), value));
                }
            }
        }
        Ok(())
    }

    /// Whether it leads to this machine: its host does, or it is a socket, or there is none.
    pub fn is_local(&self) -> bool {
        self.host.as_deref().is_none_or(|host| host.starts_with('/') || url::is_local(host))
    }

    fn place(&self) -> String {
        let host = self.host.as_deref().unwrap_or_default();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        // A database without a name has the user's.
        let database = self.database.as_deref().or(self.user.as_deref()).unwrap_or_default();
        format!("{host}{port}/{database}")
    }
}

/// `host:port/database` that a URL leads to, by which databases are told apart: as it is written, because what is queued holds
/// it, unless parameters lead elsewhere.
pub fn place_of(url: &str) -> String {
    let place = |url| DatabaseUrl::read(url).map(|read| read.place());
    let address = url.split_once('?').map_or(url, |(address, _)| address);
    match (place(url), place(address)) {
        (Ok(led), Ok(address)) if led != address => led,
        _ => written_place(url),
    }
}

fn written_place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('?').next().unwrap_or_default();
    // Behind the last `@`, because a password that was not encoded may hold `#`, `/` and `@` itself.
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    place.split('#').next().unwrap_or_default().to_owned()
}

/// `host:port`, `[::1]:port`, `host`.
fn split_port(address: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or("a [ is not closed")?,
        None => address.find(':').map_or((address, ""), |colon| address.split_at(colon)),
    };
    match port.strip_prefix(':') {
        None | Some("") => Ok((host, None)),
        Some(digits) => digits.parse().map(|port| (host, Some(port))).map_err(|_| "its port is no number"),
    }
}

fn decode(text: &str) -> Result<String, &'static str> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| "it is no UTF-8 text")?;
    if text.contains('\0') { Err("it has a NUL character") } else { Ok(text.into_owned()) }
}

fn filled(text: &str) -> Result<Option<String>, &'static str> {
    if text.is_empty() { Ok(None) } else { decode(text).map(Some) }
}

fn setting(word: &str) -> Option<(String, String)> {
    let word = word.strip_prefix("-c").or_else(|| word.strip_prefix("--")).unwrap_or(word);
    word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_as_it_is_written_and_has_no_password() {
        for (url, place) in [
            ("postgres://me:p%40ss@host:5432/db?sslmode=require", "host:5432/db"),
            ("postgres://host/db", "host/db"),
            ("postgres://me:pa#s@/s@host/db", "host/db"),
            ("postgres://me@HOST/d%62?user=you&options=endpoint%3Dep-1", "HOST/d%62"),
            ("postgres://me@host", "host"),
            ("", ""),
        ] {
            assert_eq!(place_of(url), place, "{url}");
        }
    }

    #[test]
    fn parameters_that_lead_elsewhere_are_the_place() {
        for (url, place) in [
            ("postgres://me:pw@host:6000/db?dbname=other", "host:6000/other"),
            ("postgres://me:pw@host/db?sslmode=require&host=there&host=late", "there/db"),
            ("postgres://me:pw@host/db?hostaddr=10.0.0.7&port=6432", "10.0.0.7:6432/db"),
            ("postgres:///db?host=%2Frun%2Fpostgresql", "/run/postgresql/db"),
            ("postgres://host/?%64bname=other", "host/other"),
            ("postgres://host/db?host=%3A%3A1", "[::1]/db"),
            ("postgres://me@host?port=1", "host:1/me"),
            ("postgres://me@host/?user=you", "host/you"),
            ("postgres://me@host/db?host=host", "host/db"),
        ] {
            assert_eq!(place_of(url), place, "{url}");
        }
    }

    #[test]
    fn what_is_local_is_what_is_connected_to() {
        let is_local = |url| DatabaseUrl::read(url).is_ok_and(|url| url.is_local());
        assert!(is_local("postgres://db.example.org/x?host=localhost") && is_local("postgres:///x"));
        for url in [
            "postgres://localhost/x?%68ost=db.example.org",
            "postgres://localhost#@db.example.org/x",
            "postgres://localhost:port/x",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
