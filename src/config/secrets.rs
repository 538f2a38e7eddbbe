//! Secrets that commands print (`secret_access_key_command = "pass show r2"`). They run when a profile is opened and not
//! at start, because the first frame waits for nobody's key ring.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::database::{self, PostgresOptions};
use super::profile::{CatalogConfig, Profile, SecretCommand, SecretField};
use crate::domain::display::{display, fit};
use crate::domain::{Failure, FailureKind, Result, Secret, io_reason};

/// How long a command may take: somebody may have to type a passphrase.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// How much of a command's complaint is passed on, in columns.
const COMPLAINT_COLUMNS: usize = 160;

/// The profile with all its secrets: runs what commands it has, one after the other. Blocks, for as long as a person needs
/// to type a passphrase; call it on a thread that may.
///
/// # Errors
/// `Credentials`, naming profile and key, where a command fails, prints nothing or takes over a minute; `Usage` where it
/// prints no usable database URL.
pub fn reveal(profile: &Arc<Profile>) -> Result<Arc<Profile>> {
    if profile.commands.is_empty() {
        return Ok(Arc::clone(profile));
    }
    let mut revealed = Profile::clone(profile);
    for command in std::mem::take(&mut revealed.commands) {
        let about = About { profile: &profile.name, field: command.field };
        let secret = run(&command, &about, TIME_LIMIT)?;
        put(&mut revealed, secret, &about)?;
    }
    Ok(Arc::new(revealed))
}

/// What a failure names.
struct About<'a> {
    profile: &'a str,
    field: SecretField,
}

impl About<'_> {
    fn failure(&self, kind: FailureKind, why: &str) -> Failure {
        let key = match self.field {
            SecretField::SecretAccessKey => "the secret key's command",
            SecretField::SessionToken => "`session_token_command`",
            SecretField::SecureDeliverySecret => "`secure_delivery_secret_command`",
            SecretField::DatabaseUrl { .. } => "`database_url_command`",
        };
        Failure::new(kind, format!("profile \"{}\": {key} {why}", self.profile))
    }
}

fn put(profile: &mut Profile, secret: Secret, about: &About<'_>) -> Result<()> {
    match about.field {
        SecretField::SecretAccessKey => profile.secret_access_key = Some(secret),
        SecretField::SessionToken => profile.session_token = Some(secret),
        SecretField::SecureDeliverySecret => {
            profile.uploadcare.get_or_insert_default().secure_delivery_secret = Some(secret);
        }
        SecretField::DatabaseUrl { tls } => {
            let CatalogConfig::Postgres { schema, rls_setting, .. } = profile.catalog.clone() else { return Ok(()) };
            let options = PostgresOptions { tls, schema, rls_setting };
            profile.catalog = database::postgres(secret.expose(), options).map_err(|(why, _)| {
                about
                    .failure(FailureKind::Usage, &format!("printed what {why}"))
                    .hint("it must print a postgres:// URL")
            })?;
        }
    }
    Ok(())
}

/// Runs one command and takes the first line that it prints, which is where password stores have the password.
fn run(command: &SecretCommand, about: &About<'_>, limit: Duration) -> Result<Secret> {
    let failed = |why: &str| about.failure(FailureKind::Credentials, why);
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command.line.expose())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| failed(&format!("cannot be run: {}", io_reason(&error))))?;
    let answers = answers(&mut child);
    let Ok((printed, complaint)) = answers.recv_timeout(limit) else {
        stop(&mut child);
        let why = format!("did not answer within {} s", limit.as_secs());
        return Err(failed(&why).hint("run it once by hand: it may be waiting for a passphrase"));
    };
    let status = child.wait().map_err(|error| failed(&format!("was lost: {error}")))?;
    if !status.success() {
        return Err(failed(&format!("failed{}", reason(status, &complaint))).hint("run it once by hand"));
    }
    match printed.lines().next().map(str::trim_end).filter(|line| !line.is_empty()) {
        Some(line) => Ok(Secret::new(line)),
        None => Err(failed("printed nothing").hint("it must print the secret on its first line")),
    }
}

/// What the command prints and complains, once it has closed both; read side by side so that neither pipe fills up.
fn answers(child: &mut Child) -> mpsc::Receiver<(String, String)> {
    let (sender, receiver) = mpsc::channel();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let complaint = std::thread::spawn(move || read_all(stderr));
    std::thread::spawn(move || {
        let printed = read_all(stdout);
        // Nobody listens any more when the time was up.
        let _late = sender.send((printed, complaint.join().unwrap_or_default()));
    });
    receiver
}

/// All that a pipe gives; a pipe that breaks has given all it could, and the exit status tells the rest.
fn read_all(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _broken = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Ends the command and whatever it started; both may be gone already, which is as good.
fn stop(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _gone = child.wait();
}

fn reason(status: ExitStatus, complaint: &str) -> String {
    let code = status.code().map_or_else(|| " by a signal".into(), |code| format!(" with exit code {code}"));
    match complaint.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("{code}, saying \"{}\"", fit(&display(line.trim()), COMPLAINT_COLUMNS)),
        None => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_line(line: &str, limit: Duration) -> Result<Secret> {
        let field = SecretField::SecretAccessKey;
        let command = SecretCommand { field, line: Secret::new(line) };
        run(&command, &About { profile: "prod", field }, limit)
    }

    #[test]
    fn the_first_line_is_the_secret() {
        let secret = run_line("printf 'hunter2\\nuser: me\\n'", TIME_LIMIT).unwrap();
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_failing_command_passes_its_complaint_on() {
        let failure = run_line("echo 'no such entry' >&2; echo half; exit 3", TIME_LIMIT).unwrap_err();
        assert_eq!(
            failure.sentence(),
            "profile \"prod\": the secret key's command failed with exit code 3, saying \"no such entry\"; run it once by hand"
        );
        assert!(run_line("true", TIME_LIMIT).unwrap_err().sentence().contains("printed nothing"));
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let failure = run_line("sleep 600 & sleep 600", Duration::from_millis(50)).unwrap_err();
        assert!(failure.sentence().contains("did not answer within"), "{failure}");
    }
}
