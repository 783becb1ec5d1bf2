//! `--format F --output FILE`, any number of times: which report goes where.
//!
//! An `--output` belongs to the `--format` before it. A single one of each belong together in any order, and an
//! `--output` alone is that of the default format. What has no `--output` goes to the standard output, which takes one.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum, value_parser};

use crate::report::Format;

/// The reports of a run; with `FIGURES` also that of a running server's key figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputArguments<const FIGURES: bool = false>(Vec<Output>);

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// `None` where none is named.
    pub(super) format: Option<Named>,
    /// `None` is the standard output.
    pub(super) file: Option<PathBuf>,
}

/// What a report shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// The findings.
    Findings(Format),
    /// The key figures of running servers, as OpenMetrics.
    Figures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// Each finding with the lines it is about
    Full,
    /// One line per finding
    Concise,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations in GitHub Actions
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// JUnit XML, for whatever shows test results
    Junit,
    /// A summary of a job, or a comment
    Markdown,
    /// A page with the stack as a picture and the findings
    Html,
    /// The key figures of the servers, for a textfile collector
    Openmetrics,
}

impl From<FormatName> for Named {
    fn from(name: FormatName) -> Self {
        Named::Findings(match name {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
            FormatName::Gitlab => Format::Gitlab,
            FormatName::Junit => Format::Junit,
            FormatName::Markdown => Format::Markdown,
            FormatName::Html => Format::Html,
            FormatName::Openmetrics => return Named::Figures,
        })
    }
}

impl<const FIGURES: bool> OutputArguments<FIGURES> {
    /// The reports, in the order of the command line; at least one.
    pub(super) fn reports(&self) -> &[Output] {
        &self.0
    }
}

/// Ties each output to its format. Both come with their places on the command line.
fn paired(formats: &[(usize, Named)], outputs: &[(usize, PathBuf)]) -> Result<Vec<Output>, String> {
    let mut reports: Vec<Output> =
        formats.iter().map(|&(_, format)| Output { format: Some(format), file: None }).collect();
    if reports.is_empty() {
        reports.push(Output { format: None, file: None });
    }
    for (at, file) in outputs {
        let before = formats.iter().filter(|(format, _)| format < at).count();
        // one of each belong together, whichever comes first
        let index = if formats.len() <= 1 { Some(0) } else { before.checked_sub(1) };
        let shown = file.display();
        let Some(report) = index.and_then(|index| reports.get_mut(index)) else {
            return Err(format!(
                "'--output {shown}' comes before every '--format': put it behind the one it belongs to"
            ));
        };
        if let Some(other) = &report.file {
            let other = other.display();
            return Err(format!(
                "'--output {other}' and '--output {shown}' belong to one '--format': name one before each"
            ));
        }
        report.file = Some(file.clone());
    }
    for (index, report) in reports.iter().enumerate() {
        if !reports[..index].iter().any(|earlier| earlier.file == report.file) {
            continue;
        }
        return Err(match &report.file {
            Some(file) => format!("two reports go to '{}': name another file", file.display()),
            None => "two reports go to the standard output: put '--output FILE' behind the '--format' of one".into(),
        });
    }
    Ok(reports)
}

impl<const FIGURES: bool> Args for OutputArguments<FIGURES> {
    fn augment_args(command: Command) -> Command {
        let names = FormatName::value_variants().iter().filter(|&&name| FIGURES || name != FormatName::Openmetrics);
        let names = PossibleValuesParser::new(names.filter_map(|name| name.to_possible_value()))
            .try_map(|name| FormatName::from_str(&name, true));
        let format = Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .help("How to print findings [default: full]; several times, each with its --output")
            .action(ArgAction::Append)
            .value_parser(names);
        let output = Arg::new("output")
            .long("output")
            .value_name("FILE")
            .help("Write the report of the --format before it to this file")
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf));
        command.arg(format).arg(output)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const FIGURES: bool> FromArgMatches for OutputArguments<FIGURES> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let formats = matches.indices_of("format").into_iter().flatten();
        let names = matches.get_many::<FormatName>("format").into_iter().flatten();
        let formats: Vec<(usize, Named)> = formats.zip(names.map(|&name| name.into())).collect();
        let outputs = matches.indices_of("output").into_iter().flatten();
        let files = matches.get_many::<PathBuf>("output").into_iter().flatten();
        let outputs: Vec<(usize, PathBuf)> = outputs.zip(files.cloned()).collect();
        paired(&formats, &outputs)
            .map(OutputArguments)
            .map_err(|message| clap::Error::raw(ErrorKind::ArgumentConflict, message))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_belongs_to_the_format_before_it() {
        let format = |at, format| (at, format);
        let file = |at, name: &str| (at, PathBuf::from(name));
        let findings = |named| match named {
            Named::Findings(format) => Some(format),
            Named::Figures => None,
        };
        let shown = |formats: &[(usize, Named)], outputs: &[(usize, PathBuf)]| match paired(formats, outputs) {
            Ok(reports) => reports
                .iter()
                .map(|report| {
                    let file = report.file.as_ref().map_or("-".into(), |file| file.display().to_string());
                    format!("{:?}={file}", report.format.and_then(findings))
                })
                .collect::<Vec<_>>()
                .join(" "),
            Err(message) => message.split(':').next().unwrap_or_default().to_owned(),
        };
        let (full, sarif) = (Named::Findings(Format::Full), Named::Findings(Format::Sarif));
        for (formats, outputs, expected) in [
            (vec![], vec![], "None=-"),
            (vec![], vec![file(1, "a")], "None=a"),
            (vec![format(4, sarif)], vec![file(2, "a")], "Some(Sarif)=a"),
            (vec![format(2, full), format(4, sarif)], vec![file(6, "a")], "Some(Full)=- Some(Sarif)=a"),
            (vec![format(2, sarif), format(6, full)], vec![file(4, "a")], "Some(Sarif)=a Some(Full)=-"),
            (vec![format(2, full), format(4, sarif)], vec![], "two reports go to the standard output"),
            (vec![format(2, full), format(6, sarif)], vec![file(4, "a"), file(8, "a")], "two reports go to 'a'"),
            (
                vec![format(4, full), format(6, sarif)],
                vec![file(2, "a"), file(8, "b")],
                "'--output a' comes before every '--format'",
            ),
            (
                vec![format(2, full)],
                vec![file(4, "a"), file(6, "b")],
                "'--output a' and '--output b' belong to one '--format'",
            ),
        ] {
            assert_eq!(shown(&formats, &outputs), expected);
        }
    }
}
