//! Whether a map says something that its dataset can hold.

use super::{Field, FieldKind, FieldMap, convert};
use crate::config::ConfigError;
use serde_json::Value;

/// Checks a map against the schema of the objects that it makes.
pub(super) fn map(
    map: &FieldMap,
    owner: &str,
    schema: &Value,
    setting: &str,
) -> Result<(), ConfigError> {
    for (name, field) in &map.0 {
        let setting = format!("{setting}.{name}");
        let attribute = schema.get("properties").and_then(|known| known.get(name));
        let Some(attribute) = attribute else {
            let reason = format!("`{owner}` has no such attribute");
            return Err(ConfigError::setting(setting, reason));
        };
        if field.path.is_empty() {
            let reason = "names no place in the registry's record; leave the attribute out instead";
            return Err(ConfigError::setting(setting, reason));
        }
        match (&field.items, attribute.get("items")) {
            (Some(items), Some(schema)) => {
                self::map(items, &format!("{owner}.{name}"), schema, &setting)?;
            }
            (None, _) => meanings(field, attribute, &setting)?,
            (Some(_), None) => {
                let reason = format!("`{owner}.{name}` is no list, so `items` has no meaning");
                return Err(ConfigError::setting(setting, reason));
            }
        }
    }
    Ok(())
}

/// Checks what codes mean, and what absence means.
fn meanings(field: &Field, attribute: &Value, setting: &str) -> Result<(), ConfigError> {
    let coded = field
        .codes
        .iter()
        .filter(|(_, meaning)| !meaning.is_empty());
    let coded = coded.map(|(code, meaning)| (format!("{setting}.codes.{code}"), meaning));
    let absent = field.absent.iter();
    let absent = absent.map(|meaning| (format!("{setting}.absent"), meaning.as_str()));
    for (setting, meaning) in coded.chain(absent) {
        if convert::meaning(field.kind, meaning).is_none() {
            let expected = match field.kind {
                FieldKind::Flag => "true or false",
                _ => "a number",
            };
            let reason = format!("`{meaning}` must be {expected}");
            return Err(ConfigError::setting(setting, reason));
        }
        let words = attribute.get("enum").and_then(Value::as_array);
        if let Some(words) = words.filter(|words| !words.iter().any(|word| word == meaning)) {
            let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
            let reason = format!("`{meaning}` is none of {}", words.join(", "));
            return Err(ConfigError::setting(setting, reason));
        }
    }
    Ok(())
}
