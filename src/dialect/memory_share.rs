//! A setting that is a share of the machine's memory, by a formula over a variable that a carrier fills in.
//!
//! ```text
//! {DBInstanceClassMemory/32768}    bytes, taken as pages of 8 kB: a quarter of the memory
//! {DBInstanceClassMemory/4}        the same for one who forgets the pages: 2048 times the memory
//! ```

use super::fragment::Fault;
use super::parameter;
use crate::knowledge::Version;
use crate::model::Confidence;
use crate::quantity::Unit;

/// What is wrong with a formula that comes to more than all the memory, which the `variable` holds in bytes.
pub(super) fn beyond(variable: &str, name: &str, text: &str, version: Option<&Version>) -> Option<Fault> {
    let factor = factor(variable, text)?;
    let unit = parameter::unit(name, version)?;
    let bytes = match unit {
        Unit::Byte => 1.0,
        Unit::Kilobyte => 1024.0,
        Unit::Block8k => 8192.0,
        Unit::Megabyte => 1024.0 * 1024.0,
        _ => return None,
    };
    let times = factor * bytes;
    if times <= 1.0 {
        return None;
    }
    let detail = format!("{variable} counts bytes, and the parameter {}", parameter::unit_name(unit));
    let becomes = format!("{} times the memory of the machine", times.round());
    let fault = Fault::new("suspicious-unit", detail).becomes(becomes);
    let mut fault = match bytes / factor {
        // what was meant is a share if the unit is left out
        divisor if factor < 1.0 => fault.cure(format!("write {{{variable}/{}}}", divisor.round())),
        _ => fault.cure("divide by the bytes of the unit as well"),
    };
    fault.confidence = Confidence::High;
    Some(fault)
}

/// By what the variable is multiplied, in a formula of nothing else: `{V/4}`, `{V*3/4}`.
fn factor(variable: &str, text: &str) -> Option<f64> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut rest = inner.trim().strip_prefix(variable)?;
    let mut factor = 1.0;
    while let Some(operator) = rest.trim_start().chars().next() {
        let after = rest.trim_start()[operator.len_utf8()..].trim_start();
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        let number: f64 = after[..end].parse().ok().filter(|number| *number > 0.0)?;
        match operator {
            '*' => factor *= number,
            '/' => factor /= number,
            _ => return None,
        }
        rest = &after[end..];
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::{beyond, factor};

    #[test]
    fn formulas_of_the_variable_alone_are_read() {
        for (text, want) in [
            ("{M/32768}", Some(1.0 / 32768.0)),
            ("{ M * 3 / 4 }", Some(0.75)),
            ("{M}", Some(1.0)),
            ("{M/0}", None),
            ("{M/}", None),
            ("{M+4}", None),
            ("{MM/4}", None),
            ("LEAST({M/9531392},5000)", None),
            ("{M/{N}}", None),
            ("{", None),
            ("{M*é}", None),
        ] {
            assert_eq!(factor("M", text), want, "{text}");
        }
    }

    #[test]
    fn more_than_the_memory_is_found() {
        let becomes = |name: &str, text: &str| beyond("M", name, text, None).and_then(|fault| fault.becomes);
        assert_eq!(becomes("shared_buffers", "{M/4}").as_deref(), Some("2048 times the memory of the machine"));
        assert_eq!(becomes("work_mem", "{M/64}").as_deref(), Some("16 times the memory of the machine"));
        // the defaults of parameter groups
        for (name, text) in [
            ("shared_buffers", "{M/32768}"),
            ("effective_cache_size", "{M/16384}"),
            ("maintenance_work_mem", "{M/63963136*1024}"),
            ("max_connections", "{M/9531392}"),
            ("autovacuum_max_workers", "{M/64371566592}"),
        ] {
            assert_eq!(becomes(name, text), None, "{name}");
        }
    }
}
