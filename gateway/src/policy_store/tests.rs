//! The store keeps versions as they were, and switches between them whole.

use super::*;
use jiff::Timestamp;
use tempfile::TempDir;

struct Place {
    directory: TempDir,
    catalogue: Arc<Catalogue>,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            catalogue: Catalogue::national(),
        }
    }

    fn store(&self) -> PolicyStore {
        PolicyStore::at(self.directory.path().join("store"))
    }

    /// A copy of the national policies, in which `from` is replaced by `to` in one file.
    fn draft(&self, name: &str, file: &str, from: &str, to: &str) -> PathBuf {
        let national = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
        let draft = self.directory.path().join(name);
        for part in ["agencies", "bundle", "purposes"] {
            let to = draft.join(part);
            fs::create_dir_all(&to).unwrap();
            for entry in fs::read_dir(national.join(part)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
                }
            }
        }
        for entry in fs::read_dir(&national).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_owned();
            if path.extension().is_some_and(|e| e == "toml") && name != "Cargo.toml" {
                fs::copy(&path, draft.join(name)).unwrap();
            }
        }
        let path = draft.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(&path, text.replace(from, to)).unwrap();
        draft
    }
}

const WARD: &str = "agencies/ward-ba-dinh.toml";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

#[test]
fn a_store_that_was_never_changed_stands_at_the_base() {
    let place = Place::new();
    let store = place.store();
    let current = store.current().unwrap();
    assert_eq!(current.version().unwrap(), Version::Base);
    assert_eq!(store.versions().unwrap(), []);
    assert!(!store.is_followed());
    let earlier = store.earlier();
    assert!(matches!(earlier, Err(StoreError::NothingEarlier)));
    let policies = store
        .policies(Version::Base, None, &place.catalogue)
        .unwrap();
    let national = Policies::embedded(&place.catalogue).unwrap();
    assert_eq!(policies.version(), national.version());
}

#[test]
fn a_version_outlives_its_draft_and_is_found_by_the_beginning_of_its_name() {
    let place = Place::new();
    let store = place.store();
    let draft = place.draft("draft", WARD, "    \"social-pension\",\n", "");
    let changing = store.change().unwrap();
    let digest = changing.add(&draft, &place.catalogue).unwrap();
    assert_eq!(
        changing.add(&draft, &place.catalogue).unwrap(),
        digest,
        "it is there already"
    );
    changing
        .switch(Version::Stored(digest), Cause::Change, at(1))
        .unwrap();
    fs::remove_dir_all(&draft).unwrap();

    let version = store.current().unwrap().version().unwrap();
    let policies = store.policies(version, None, &place.catalogue).unwrap();
    assert_eq!(policies.version().as_ref(), digest.policy_version());
    let ward = policies
        .agencies()
        .get(&"ward-ba-dinh".parse().unwrap())
        .unwrap();
    assert!(!ward.holds_mandate(&"social-pension".parse().unwrap()));
    assert_eq!(store.find(&digest.policy_version()).unwrap(), version);
    assert_eq!(store.find(&digest.to_string()[..6]).unwrap(), version);
    assert_eq!(store.find("base").unwrap(), Version::Base);
    for nothing in ["", "sha256:", "zz"] {
        let found = store.find(nothing);
        assert!(
            matches!(found, Err(StoreError::Name { found: 0, .. })),
            "{nothing}"
        );
    }
}

#[test]
fn a_version_whose_files_were_changed_is_refused_until_it_is_loaded_again() {
    let place = Place::new();
    let store = place.store();
    let draft = place.draft("draft", WARD, "    \"social-pension\",\n", "");
    let changing = store.change().unwrap();
    let digest = changing.add(&draft, &place.catalogue).unwrap();
    let file = store.version_directory(digest).join(WARD);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        format!("{text}\n# a mandate could have been added here\n"),
    )
    .unwrap();
    let version = Version::Stored(digest);
    let changed = store.policies(version, None, &place.catalogue);
    assert!(matches!(changed, Err(StoreError::Changed { expected, .. }) if expected == digest));
    changing.add(&draft, &place.catalogue).unwrap();
    assert!(store.policies(version, None, &place.catalogue).is_ok());
}

#[test]
fn a_draft_that_does_not_hold_leaves_the_store_as_it_was() {
    let place = Place::new();
    let store = place.store();
    let draft = place.draft("draft", WARD, "\"social-pension\"", "\"social-pensoin\"");
    let changing = store.change().unwrap();
    let refused = changing.add(&draft, &place.catalogue);
    assert!(
        matches!(refused, Err(StoreError::Policies(_))),
        "{refused:?}"
    );
    assert_eq!(store.versions().unwrap(), []);
    assert_eq!(store.current().unwrap().version().unwrap(), Version::Base);
}

#[test]
fn going_back_goes_back_step_by_step_to_the_base() {
    let place = Place::new();
    let store = place.store();
    let changing = store.change().unwrap();
    let [a, b, c] = [1, 2, 3].map(|byte| Version::Stored(Digest([byte; 32])));
    let switch = |version, cause| drop(changing.switch(version, cause, at(0)).unwrap());
    switch(a, Cause::Change);
    switch(b, Cause::Change);
    switch(b, Cause::Change);
    switch(c, Cause::Change);
    for expected in [b, a, Version::Base] {
        assert_eq!(store.earlier().unwrap(), expected);
        switch(expected, Cause::Rollback);
        assert_eq!(store.current().unwrap().version().unwrap(), expected);
    }
    assert!(matches!(store.earlier(), Err(StoreError::NothingEarlier)));
    switch(c, Cause::Change);
    switch(a, Cause::Rollback);
    assert_eq!(
        store.earlier().unwrap(),
        c,
        "a was not in force any more: going there is new"
    );
}

#[test]
fn one_command_changes_the_store_at_a_time() {
    let place = Place::new();
    let store = place.store();
    let first = store.change().unwrap();
    assert!(matches!(store.change(), Err(StoreError::Busy)));
    drop(first);
    assert!(store.change().is_ok());
}

#[test]
fn a_current_that_names_nothing_is_told_and_not_guessed() {
    let place = Place::new();
    let store = place.store();
    drop(store.change().unwrap());
    for strange in ["", "sha256:00", "../../elsewhere", &"G".repeat(64)] {
        fs::write(store.directory().join("current"), strange).unwrap();
        let version = store.current().unwrap().version();
        assert!(matches!(version, Err(StoreError::Current)), "{strange}");
        assert_eq!(
            store.earlier().unwrap(),
            Version::Base,
            "what was in force last"
        );
    }
}
