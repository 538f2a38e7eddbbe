//! Standard output as a target: the object's bytes and nothing else.

use crate::support::program::Home;

#[test]
fn an_object_goes_to_standard_output_as_it_is() {
    let home = Home::new();
    let bytes: Vec<u8> = (0..20_000_003_u32).map(|number| (number % 251) as u8).collect();
    home.file("big.bin", &bytes);
    home.run(["upload", "big.bin", "--key", "k"]).with(0);
    let written = home.command(["download", "k", "--to", "-"]).output().unwrap();
    assert!(written.status.success() && written.stderr.is_empty(), "{}", String::from_utf8_lossy(&written.stderr));
    assert!(written.stdout == bytes, "{} bytes", written.stdout.len());
    assert_eq!(home.run(["transfers", "--json"]).with(0).json().len(), 1, "it is no transfer of the queue");
    let unread = home.run_unread(["download", "k", "--to", "-"]).with(141);
    assert_eq!(unread.err, "", "a reader may go away, and the code tells that it has not got all");
    let missing = home.run(["download", "nothing", "--to", "-"]).with(1);
    assert!(missing.out.is_empty() && missing.sentence().contains("nothing"), "{}", missing.err);
}
