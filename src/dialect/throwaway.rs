//! Systems whose data need not outlive the run, told by the names around them.

use crate::model::Name;

/// Whether a word of `place` (a path, a container's name behind `#`) is one of `words`:
/// `deploy/docker-compose.test.yml` and `compose.yml#postgres-ci` are, `compose.yml#contest` is not.
pub(crate) fn said_by(words: &[Name], place: &str) -> bool {
    place
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
}

#[cfg(test)]
mod tests {
    use super::said_by;
    use crate::model::Name;

    #[test]
    fn whole_words_count() {
        let words: Vec<Name> = vec!["test".into(), "ci".into()];
        for (place, said) in [
            ("deploy/docker-compose.test.yml", true),
            ("compose.yml#postgres-ci", true),
            ("Test/postgresql.conf", true),
            ("compose.yml#contest", false),
            ("cities/postgresql.conf", false),
        ] {
            assert_eq!(said_by(&words, place), said, "{place}");
        }
    }
}
