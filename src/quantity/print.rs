//! Quantities back into text, in the style of the text they replace.
//!
//! Every candidate is read back before it is given out: what is printed means exactly the quantity, or is not printed.

use super::notation::Bare;
use super::unit::{Dimension, Factor};
use super::units::{self, POSTGRES_SIZE, POSTGRES_TIME, Target};
use super::{Grammar, Quantity, Unit, Wanted, clock, iso8601, parse, switch};

/// Writes `quantity` for a product with this grammar; `None` when it cannot be said exactly. `bare` is the unit of a
/// bare number. `like` is the old text: its unit, its blank, its case and its form are kept where they can be.
pub fn print(quantity: Quantity, grammar: Grammar, bare: Unit, like: Option<&str>) -> Option<String> {
    let (wanted, candidates) = match quantity {
        Quantity::Bool(value) => {
            (Wanted::Bool, vec![switch::print(value, grammar, like), switch::print(value, grammar, None)])
        }
        Quantity::Float(value) => (Wanted::Float, floats(value, bare, like)),
        Quantity::Int(value) => (Wanted::Int, numbers(value, grammar, Target::Number, bare, like)),
        Quantity::Size(value) => (Wanted::Size, numbers(value, grammar, Target::Size, bare, like)),
        Quantity::Duration(value) => (Wanted::Duration, durations(value, grammar, bare, like)),
    };
    let means_it = |text: &String| {
        parse(text, grammar, wanted, bare).is_ok_and(|parsed| parsed.quantity == quantity && parsed.rounded.is_none())
    };
    candidates.into_iter().find(means_it)
}

fn floats(value: f64, bare: Unit, like: Option<&str>) -> Vec<String> {
    let percent = like.filter(|like| like.trim_end().ends_with('%'));
    let digits = |value: f64| trimmed_float(value);
    let mut candidates = Vec::new();
    if let Some(like) = percent {
        candidates.push(digits(value * 100.0) + separator(like) + "%");
    }
    if bare == Unit::Percent {
        candidates.push(digits(value * 100.0));
    }
    candidates.push(digits(value));
    candidates.push(format!("{value}"));
    candidates
}

/// Fifteen digits hide what binary fractions add to `0.07 × 100`.
fn trimmed_float(value: f64) -> String {
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}

fn durations(nanos: i64, grammar: Grammar, bare: Unit, like: Option<&str>) -> Vec<String> {
    let like_iso = like.is_some_and(iso8601::looks_like);
    let like_clock = like.is_some_and(|like| like.contains(':'));
    let lower = like.is_some_and(|like| like.contains('p'));
    let iso = || if lower { iso8601::print(nanos).to_lowercase() } else { iso8601::print(nanos) };
    match grammar {
        Grammar::Iso8601 => vec![iso()],
        Grammar::TimeSpan => vec![clock::print(nanos)],
        Grammar::Spring | Grammar::Human if like_iso => vec![iso()],
        Grammar::Human if like_clock => vec![clock::print(nanos)],
        _ => numbers(nanos, grammar, Target::Duration, bare, like),
    }
}

/// The same number in every unit, the old text's style first.
fn numbers(value: i64, grammar: Grammar, target: Target, bare: Unit, like: Option<&str>) -> Vec<String> {
    let notation = units::notation(grammar, target);
    let (spellings, bare_allowed) = match (grammar, target) {
        (Grammar::Postgres, Target::Duration) => (POSTGRES_TIME, true),
        (Grammar::Postgres, Target::Size) => (POSTGRES_SIZE, true),
        _ => (notation.units, notation.bare == Bare::Yes),
    };
    let dimension = match target {
        Target::Duration => Dimension::Time,
        Target::Size => Dimension::Size,
        Target::Number => Dimension::Number,
    };
    let bare = bare_allowed.then_some(bare).filter(|bare| bare.dimension() == dimension).map(Unit::factor);
    let like = like.map(str::trim).unwrap_or_default();
    let separator = separator(like);
    let word = like.trim_start_matches(|c: char| !is_unit_char(c));
    // of `1m 30s`, the last unit
    let word = word.rsplit(|c: char| !is_unit_char(c)).next().unwrap_or_default();
    let like_has_point = like.contains('.');

    let mut candidates = Vec::new();
    let mut add = |factor: Factor, unit: &str, fraction: bool| {
        if let Some(number) = in_unit(value, factor, fraction) {
            let separator = if unit.is_empty() { "" } else { separator };
            candidates.push(format!("{number}{separator}{unit}"));
        }
    };
    let old = spellings.iter().find(|(spelling, _)| *spelling == word);
    let old = old.or_else(|| spellings.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(word)));
    match (old, bare) {
        // the word as it was written, for `MB` where the table has `mb`
        (Some((_, factor)), _) if !word.is_empty() => {
            add(*factor, &singular_or_plural(word, value, *factor), like_has_point)
        }
        (_, Some(bare)) if !like.is_empty() => add(bare, "", like_has_point),
        _ => {}
    }
    if value == 0 {
        if let Some(bare) = bare {
            add(bare, "", false);
        }
        add(Factor { multiplier: 1, exponent: 0 }, "", false);
    }
    let mut by_size: Vec<_> = spellings.iter().filter(|(_, factor)| factor.exponent == 0).collect();
    by_size.sort_by_key(|(_, factor)| std::cmp::Reverse(factor.multiplier));
    // counts are written plain: 20000, not 20k
    if target == Target::Number
        && let Some(bare) = bare
    {
        add(bare, "", false);
    }
    for (spelling, factor) in &by_size {
        add(*factor, spelling, false);
    }
    if let Some(bare) = bare {
        add(bare, "", false);
        add(bare, "", true);
    }
    for (spelling, factor) in by_size.iter().rev() {
        add(*factor, spelling, true);
    }
    candidates
}

/// `1 minute`, `5 minutes`: English words follow the number, symbols do not.
fn singular_or_plural(word: &str, value: i64, factor: Factor) -> String {
    const WORDS: [&str; 6] = ["week", "day", "hour", "minute", "second", "byte"];
    let stem = word.strip_suffix(['s', 'S']).unwrap_or(word);
    let is_word = |stem: &str| WORDS.iter().any(|known| stem.to_ascii_lowercase().ends_with(known));
    match (is_word(stem), value.checked_div(factor.multiplier) == Some(1)) {
        (true, true) => stem.to_owned(),
        (true, false) if word == stem => format!("{stem}s"),
        _ => word.to_owned(),
    }
}

/// `value` in a unit: whole, or with up to nine decimals where a fraction is welcome.
fn in_unit(value: i64, factor: Factor, fraction: bool) -> Option<String> {
    if factor.exponent != 0 || factor.multiplier == 0 {
        return fraction.then(|| trimmed_float(value as f64 / factor.value()));
    }
    if value % factor.multiplier == 0 {
        return Some((value / factor.multiplier).to_string());
    }
    if !fraction {
        return None;
    }
    let (sign, magnitude) = (if value < 0 { "-" } else { "" }, i128::from(value).abs());
    let multiplier = i128::from(factor.multiplier);
    let (whole, mut rest) = (magnitude / multiplier, magnitude % multiplier);
    let mut digits = String::new();
    while rest != 0 && digits.len() < 9 {
        rest *= 10;
        digits += &(rest / multiplier).to_string();
        rest %= multiplier;
    }
    (rest == 0).then(|| format!("{sign}{whole}.{digits}"))
}

/// The blank between number and unit in the old text.
fn separator(like: &str) -> &'static str {
    let before_unit = like.trim().trim_end_matches(is_unit_char);
    if before_unit.ends_with(' ') && before_unit.len() < like.trim().len() { " " } else { "" }
}

fn is_unit_char(c: char) -> bool {
    c.is_alphabetic() || c == '%' || c == 'µ'
}
