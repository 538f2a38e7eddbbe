//! The same by keys alone, in a real terminal.

use super::Project;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_is_linked_comes_down_by_its_name_and_is_deleted() {
    let project = Project::new(true).await;
    let local = project.home.file("hero.png", "pixels");
    let mut person = project.home.screen(120, 36);
    person.sees("uploadcare").sees("hero.png").cursor_is_on("hero.png");
    person.press("u").sees("Upload hero.png").press("<Enter>").sees("uploaded 1 of 1");
    let id = project.server.project().kept()[0].uuid.clone();
    person.press("2").sees("1 file").cursor_is_on(&id[..18]);
    person.press("yl").sees("sent to your terminal");
    assert_eq!(person.waits_for_copy(), format!("{}/cdn/{id}/", project.server.url));
    person.press("<Esc>").no_longer_sees("sent to your terminal");

    std::fs::remove_file(&local).unwrap();
    person.press("v").sees("Bucket").cursor_is_on("hero.png").press("s").sees("downloaded 1 of 1");
    assert_eq!(std::fs::read(&local).unwrap(), b"pixels", "in the bucket it goes by its own name");
    person.press("2D").sees("Delete").press("y").sees("deleted 1 of 1");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!((project.files(), project.run(&["ls"]).len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_the_bucket_view_says_what_is_missing() {
    let project = Project::new(false).await;
    let mut person = project.home.screen(120, 36);
    person.sees("uploadcare").press("2v").sees("Bucket").sees("the profile has no").sees("UPLOADCARE_SECRET_KEY");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
