//! A section that is one table or an array of tables.

use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use std::{fmt, marker::PhantomData, slice};

/// None, one or many of a kind of table: `[registries.land]` once, or `[[registries.land]]` as often
/// as there are.
#[derive(Debug)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// By hand, because serde's untagged enums forget which field of which table was wrong.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tables(PhantomData))
    }
}

struct Tables<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Tables<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table or an array of tables")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, tables: S) -> Result<Self::Value, S::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(tables)).map(OneOrMany)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::RegistriesConfig;
    use motlan_schemas::codes::Provinces;

    /// The section `registries` with this in it.
    fn read(text: &str) -> Result<RegistriesConfig, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    const TWO: &str = r#"
[[land]]
provinces = ["01", "31"]
adapter.registry = "land_north"
adapter.http.base_url = "https://north.example/"

[[land]]
provinces = ["79"]
limits.timeout_ms = 3000
adapter.registry = "land_south"
adapter.http.base_url = "https://south.example/"
"#;

    #[test]
    fn one_table_and_an_array_of_tables_are_both_read_and_neither_is_needed() {
        let none = read("").unwrap();
        assert_eq!(none.land.0.len(), 0);
        let one = read("[land.adapter.http]\nbase_url = \"https://a.example/\"").unwrap();
        let [one] = one.land.0.as_slice() else {
            panic!("one table is one registry")
        };
        assert_eq!(one.provinces, None);
        let two = read(TWO).unwrap();
        let offices: Vec<_> = two.land.into_iter().collect();
        let ids: Vec<_> = offices
            .iter()
            .map(|office| office.adapter.registry.as_str())
            .collect();
        assert_eq!(ids, ["land_north", "land_south"]);
        assert_eq!(offices[1].limits.timeout_ms, 3_000);
        assert_eq!(offices[1].provinces, Provinces::named("79").ok());
    }

    #[test]
    fn the_example_of_a_new_configuration_can_be_used() {
        let template = include_str!("../cli/init/motlan.toml");
        let (_, example) = template.split_once("# [[registries.land]]").unwrap();
        let (example, _) = example.split_once("\n\n").unwrap();
        let example = format!("[[registries.land]]{example}").replace("\n# ", "\n");
        let whole: toml::Table = toml::from_str(&example.replace("\n#\n", "\n\n")).unwrap();
        let registries = toml::to_string(&whole["registries"]).unwrap();
        assert_eq!(read(&registries).unwrap().land.0.len(), 2);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_was_meant() {
        for (from, to, line, said) in [
            ("\"79\"", "\"74\"", 8, "did you mean `79`?"),
            ("\"79\"", "", 8, "name at least one province"),
            ("\"31\"", "\"01\"", 3, "stands in the list already"),
            ("timeout_ms", "timeout", 9, "unknown field `timeout`"),
        ] {
            let error = read(&TWO.replace(from, to)).unwrap_err();
            assert!(error.contains(said), "{error}");
            assert!(error.contains(&format!("line {line}")), "{error}");
        }
    }
}
