//! The directory against lists as offices write them, and against everything that must not come out.

use super::{import::Mistakes, *};
use crate::random::SystemRandomness;
use std::os::unix::fs::PermissionsExt;

const HEADER: &str = "agency,officer,personal_number,full_name,household_numbers";
const LIST: &str = "agency,officer,personal_number,full_name,household_numbers\n\
    ward-ba-dinh,cb-4711,001185012345,Mạc Thị Lan,001085023456 001215034567\n\
    ward-ba-dinh,cb-4712,001190000001,\"Nguyễn Văn An\",\n\
    tax-office-ha-noi,cb-4711,001190000002,ĐẶNG Minh,001190000003;001190000004\n";

struct World {
    directory: tempfile::TempDir,
    officers: Officers,
}

fn world(list: &str) -> World {
    let directory = tempfile::tempdir().unwrap();
    let config = OfficersConfig {
        file: directory.path().join("officers.json"),
        ..OfficersConfig::default()
    };
    let random = SystemRandomness::default();
    let officers = Officers::open(&config, directory.path(), &random).unwrap();
    let imported = officers.import(list.as_bytes()).unwrap();
    imported.write(&config.file).unwrap();
    assert!(officers.refresh().unwrap());
    World {
        directory,
        officers,
    }
}

fn told(world: &World, officer: (&str, &str), person: &str, name: &str) -> Vec<&'static str> {
    let person = person.parse().unwrap();
    let names = (!name.is_empty()).then_some(name);
    let found = world
        .officers
        .closeness(officer.0, officer.1, &person, names.into_iter());
    found.into_iter().map(Closeness::as_str).collect()
}

#[test]
fn an_officer_is_near_to_themselves_their_household_and_a_rare_surname() {
    let world = world(LIST);
    let lan = ("ward-ba-dinh", "cb-4711");
    assert_eq!(told(&world, lan, "001185012345", "Mạc Thị Lan"), ["self"]);
    assert_eq!(told(&world, lan, "001085023456", ""), ["household"]);
    let daughter = told(&world, lan, "001215034567", "MẠC AN");
    assert_eq!(daughter, ["household", "surname"]);
    assert_eq!(told(&world, lan, "001190000009", "mac Văn B"), ["surname"]);
    assert!(told(&world, lan, "001190000009", "Trần B").is_empty());
    assert!(told(&world, lan, "001190000009", "").is_empty());
}

#[test]
fn a_common_surname_says_nothing_however_it_is_written() {
    let world = world(LIST);
    let an = ("ward-ba-dinh", "cb-4712");
    assert!(told(&world, an, "001190000009", "Nguyễn Thị B").is_empty());
    assert!(told(&world, an, "001190000009", "NGUYEN B").is_empty());
    let minh = ("tax-office-ha-noi", "cb-4711");
    assert!(told(&world, minh, "001190000009", "Đặng B").is_empty());
    assert_eq!(told(&world, minh, "001190000004", ""), ["household"]);
}

#[test]
fn an_officer_of_another_agency_and_an_unknown_one_are_near_to_nobody() {
    let world = world(LIST);
    let namesake = ("tax-office-ha-noi", "cb-4711");
    assert!(told(&world, namesake, "001185012345", "Mạc Thị Lan").is_empty());
    let stranger = ("ward-ba-dinh", "cb-1");
    assert!(told(&world, stranger, "001185012345", "Mạc Thị Lan").is_empty());
}

#[test]
fn the_file_names_nobody_and_is_for_its_owner_alone() {
    let world = world(LIST);
    let file = world.directory.path().join("officers.json");
    let text = fs::read_to_string(&file).unwrap();
    for secret in ["001185012345", "0012", "Lan", "lan", "mac", "cb-47", "ward"] {
        assert!(!text.contains(&format!("\"{secret}")), "{secret}");
        assert!(secret.len() < 5 || !text.contains(secret), "{secret}");
    }
    for name in ["officers.json", "officers.key"] {
        let mode = fs::metadata(world.directory.path().join(name)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
    }
    // The same list under another key has no hash in common with it.
    let other = self::world(LIST);
    let other = fs::read_to_string(other.directory.path().join("officers.json")).unwrap();
    let hashes = |text: &str| -> BTreeSet<String> {
        let parts = text.split('"').filter(|part| part.len() == 44);
        parts.map(str::to_owned).collect()
    };
    assert_eq!(hashes(&text).len(), 11);
    assert!(hashes(&text).is_disjoint(&hashes(&other)));
}

#[test]
fn everything_wrong_with_a_list_is_told_by_line_and_column_and_nobody_is_named() {
    let world = world(LIST);
    let list = format!(
        "{HEADER}\n\
         ward-ba-dinh,cb-1,001185012345,Mạc Thị Lan,\n\
         Ward Ba Dinh,cb-2,11850123,,001085023456\n\
         ward-ba-dinh,cb-1,001185012346,Mạc Thị Hoa,\n\
         ward-ba-dinh,cb-3,001185012347\n\
         ward-ba-dinh,cb-4,001185012348,Mạc Văn Phúc,12345\n"
    );
    let Mistakes(mistakes) = world.officers.import(list.as_bytes()).unwrap_err();
    let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    let begins = [
        "line 3, `agency`",
        "line 3, `personal_number`",
        "line 3, `full_name`",
        "line 4, `officer`",
        "line 5: expected CSV",
        "line 6, `household_numbers`",
    ];
    assert_eq!(told.len(), begins.len(), "{told:#?}");
    for (told, begin) in told.iter().zip(begins) {
        assert!(told.starts_with(begin), "{told}");
        for secret in ["1185", "Mạc", "12345", "Ward Ba"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[test]
fn columns_may_stand_in_any_order_and_must_all_be_there() {
    let world = world(
        "\u{feff}full_name,household_numbers,officer,agency,personal_number\r\n\
         Mạc Thị Lan,,cb-4711,ward-ba-dinh,001185012345\r\n",
    );
    let lan = ("ward-ba-dinh", "cb-4711");
    assert_eq!(told(&world, lan, "001185012345", ""), ["self"]);
    for header in ["agency,officer", &format!("{HEADER},salary")] {
        assert!(
            world.officers.import(header.as_bytes()).is_err(),
            "{header}"
        );
    }
}

#[test]
fn a_file_that_is_no_directory_leaves_what_was_known() {
    let world = world(LIST);
    let file = world.directory.path().join("officers.json");
    fs::write(&file, "{\"officers\": [\"001185012345\"]}").unwrap();
    let error = world.officers.refresh().unwrap_err().to_string();
    assert!(
        error.contains("import it again") && !error.contains("1185"),
        "{error}"
    );
    let lan = ("ward-ba-dinh", "cb-4711");
    assert_eq!(told(&world, lan, "001185012345", ""), ["self"]);
    fs::remove_file(&file).unwrap();
    assert!(world.officers.refresh().unwrap());
    assert!(told(&world, lan, "001185012345", "").is_empty());
}
