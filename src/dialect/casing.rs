//! The case of keys where a product takes several: a new key is written as its neighbours are.

use super::tokens;

/// How the words of a key are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// `max-lifetime`
    Kebab,
    /// `max_lifetime`
    Snake,
    /// `maxLifetime`
    Camel,
    /// `MAX_LIFETIME`
    Screaming,
}

const CASES: [Case; 4] = [Case::Kebab, Case::Snake, Case::Camel, Case::Screaming];

impl Case {
    /// The case of a key; `None` where a single word leaves it open.
    fn of(key: &str) -> Option<Case> {
        let lower = key.chars().any(char::is_lowercase);
        let upper = key.chars().any(char::is_uppercase);
        if key.contains('-') {
            Some(Case::Kebab)
        } else if key.contains('_') {
            Some(if lower { Case::Snake } else { Case::Screaming })
        } else if lower && upper && key.starts_with(char::is_lowercase) {
            Some(Case::Camel)
        } else {
            None
        }
    }

    fn write(self, words: &[String]) -> String {
        match self {
            Case::Kebab => words.join("-"),
            Case::Snake => words.join("_"),
            Case::Screaming => words.join("_").to_uppercase(),
            Case::Camel => {
                let mut key = String::new();
                for (i, word) in words.iter().enumerate() {
                    let mut chars = word.chars();
                    match chars.next() {
                        Some(first) if i > 0 => key.extend(first.to_uppercase()),
                        Some(first) => key.push(first),
                        None => {}
                    }
                    key.push_str(chars.as_str());
                }
                key
            }
        }
    }
}

/// `key` in the case that most of `siblings` have; as it is where they leave it open.
pub(super) fn like<'k>(key: &str, siblings: impl Iterator<Item = &'k str>) -> String {
    let mut votes = [0usize; CASES.len()];
    for case in siblings.filter_map(Case::of) {
        votes[case as usize] += 1;
    }
    let most = votes.iter().copied().max().unwrap_or(0);
    let chosen = CASES.into_iter().zip(votes).find(|&(_, votes)| votes > 0 && votes == most);
    chosen.map_or_else(|| key.to_string(), |(case, _)| case.write(&tokens::words(key)))
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_key_follows_its_siblings() {
        for (siblings, want) in [
            (&["maximum-pool-size", "url"][..], "max-lifetime"),
            (&["maximumPoolSize", "minimumIdle"][..], "maxLifetime"),
            (&["maximum_pool_size"][..], "max_lifetime"),
            (&["MAXIMUM_POOL_SIZE"][..], "MAX_LIFETIME"),
            (&["url", "username"][..], "max-lifetime"),
            (&["minimumIdle", "maximum-pool-size", "pool-name"][..], "max-lifetime"),
        ] {
            assert_eq!(like("max-lifetime", siblings.iter().copied()), want, "{siblings:?}");
        }
    }
}
