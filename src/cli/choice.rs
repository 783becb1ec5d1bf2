//! The options that say which findings count.

use clap::Args;

use crate::workspace::Overrides;

#[derive(Debug, Args)]
pub(super) struct ChoiceArguments {
    /// Only these rules or categories, whatever their level
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,
    /// Without these rules or categories
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Also show what is less severe or less sure
    #[arg(long)]
    pedantic: bool,
    /// Leave out what the settings exclude, also where it is named
    #[arg(long)]
    force_exclude: bool,
}

impl ChoiceArguments {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            pedantic: self.pedantic,
            force_exclude: self.force_exclude,
        }
    }
}
