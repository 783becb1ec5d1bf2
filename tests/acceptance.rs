//! The acceptance examples: one benchmark configuration in three formats, done badly and done well. They stand beside
//! the project; where they are absent this says so and passes.

#[path = "support/fixture.rs"]
mod fixture;

use std::path::Path;

use trueup::workspace::Shipped;

/// What is expected of `bad.*`: the rule, and the key at which the finding stands.
const EXPECTED: [(&str, &str); 12] = [
    ("query-timeout-too-long", "timeout_seconds"),
    ("client-without-pool", "vector_db"),
    ("retry-without-backoff", "retry"),
    ("vector-search-without-cache", "vector_db"),
    ("oversized-vector-results", "top_k"),
    ("vector-search-without-pagination", "search"),
    ("prepared-statements-not-configured", "postgres"),
    ("no-statement-timeout", "postgres"),
    ("no-analyze-after-load", "postgres"),
    ("static-rate-limit", "rate_limit"),
    ("request-timeout-too-long", "request_timeout_seconds"),
    // beyond the eleven
    ("benchmark-without-warmup", "benchmark"),
];

#[test]
fn the_eleven_bottlenecks_are_found_where_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/acceptance/benchmark");
    if !folder.is_dir() {
        println!("skipped: there are no acceptance examples beside the project");
        return;
    }
    let outcome = fixture::judge(&Shipped::new(), &folder);
    let mut expected: Vec<(&str, &str)> = EXPECTED.to_vec();
    expected.sort_unstable();
    for file in &outcome.files {
        let mut found: Vec<(&str, &str)> = outcome
            .findings
            .iter()
            .filter(|finding| fixture::shown_by_default(finding))
            .filter(|finding| outcome.files[finding.primary.file as usize].path == file.path)
            .map(|finding| {
                let text = file.text.as_deref().expect("the text of a file with a finding is kept");
                (&*finding.rule, key(&text[finding.primary.start as usize..finding.primary.end as usize]))
            })
            .collect();
        found.sort_unstable();
        if file.path.starts_with("bad.") {
            assert_eq!(found, expected, "{}", file.path);
        } else {
            assert_eq!(found, [], "{}", file.path);
        }
    }
}

/// The key at the beginning of an entry: `"top_k": 1`, `top_k = 1`, or a key alone.
fn key(entry: &str) -> &str {
    let entry = entry.trim_start_matches(['"', '[']);
    let end = entry.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(entry.len());
    entry[..end].rsplit('.').next().unwrap_or(entry)
}
