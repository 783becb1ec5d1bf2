//! Colour, where it is wanted.

use crate::model::Severity;

/// Whether output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// Text alone.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

impl Paint {
    /// The severity's word.
    pub(super) fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Info => 36,
        };
        match self {
            Paint::Plain => severity.to_string(),
            Paint::Coloured => format!("\u{1b}[{code}m{severity}\u{1b}[0m"),
        }
    }
}
