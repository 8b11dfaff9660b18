//! What is wrong with an adapter's configuration, in words that say how to mend it.

use std::path::PathBuf;

/// A configuration from which no adapter can be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting with a value that cannot work.
    #[error("`{setting}`: {reason}")]
    Setting {
        /// The setting's name in the configuration.
        setting: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("`{setting}`: cannot read {}", path.display())]
    File {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {reason}")]
    Client {
        /// The TLS or HTTP library's reason.
        reason: String,
    },
}

impl ConfigError {
    /// A setting with a value that cannot work.
    #[must_use]
    pub fn setting(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Setting {
            setting: setting.into(),
            reason: reason.into(),
        }
    }
}
