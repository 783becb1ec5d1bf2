//! The module as a whole: logic, intervals, errors, limits.

use std::collections::BTreeMap;

use super::error::Fault;
use super::*;
use crate::model::{Effective, SECOND, Type, Value, Why};

/// A world of named values; what is not in it is not known. `self.pool` exists, `self.cache` does not.
#[derive(Default)]
struct World(BTreeMap<&'static str, Effective>);

/// The names of the world and their types.
const NAMES: [(&str, Type); 19] = [
    ("t", Type::Bool),
    ("f", Type::Bool),
    ("u", Type::Bool),
    ("e", Type::Bool),
    ("zero", Type::Int),
    ("one", Type::Int),
    ("min", Type::Int),
    ("max", Type::Int),
    ("cpu", Type::Int),
    ("low", Type::Int),
    ("high", Type::Int),
    ("open", Type::Int),
    ("ratio", Type::Double),
    ("nan", Type::Double),
    ("name", Type::Text),
    ("timeout", Type::Duration),
    ("memory", Type::Size),
    ("limit", Type::Int),
    ("list", Type::List),
];

impl World {
    fn new() -> Self {
        let known = |value| Effective::Known(value);
        let between = |low: i64, high: i64| Effective::Between(Some(Value::Int(low)), Some(Value::Int(high)));
        let list = [1, 2, 3].map(Value::Int).to_vec();
        World(BTreeMap::from([
            ("t", known(Value::Bool(true))),
            ("f", known(Value::Bool(false))),
            ("e", known(Value::Int(0))), // declared a bool: an error wherever it is used as one
            ("zero", known(Value::Int(0))),
            ("one", known(Value::Int(1))),
            ("min", known(Value::Int(i64::MIN))),
            ("max", known(Value::Int(i64::MAX))),
            ("low", between(1, 5)),
            ("high", between(4, 9)),
            ("open", Effective::Between(Some(Value::Int(10)), None)),
            ("ratio", known(Value::Double(0.5))),
            ("nan", known(Value::Double(f64::NAN))),
            ("name", known(Value::text("fixed"))),
            ("timeout", known(Value::Duration(30 * SECOND))),
            ("memory", known(Value::Size(64 << 20))),
            ("limit", known(Value::Unlimited)),
            ("list", known(Value::List(list.into()))),
        ]))
    }

    fn with(mut self, name: &'static str, value: Effective) -> Self {
        self.0.insert(name, value);
        self
    }
}

impl Names for World {
    fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName> {
        match (root, path) {
            ("self", ["pool" | "cache" | "other"]) => Ok(Meaning::Resource),
            ("self", ["off"]) => Ok(Meaning::Attribute(Type::Int)),
            ("self", [name]) => match NAMES.iter().find(|known| known.0 == *name) {
                Some(known) => Ok(Meaning::Attribute(known.1)),
                None => Err(UnknownName::among(1, name, NAMES.iter().map(|known| known.0))),
            },
            ("self", _) => Err(UnknownName::at(path.len())),
            _ => Err(UnknownName::among(0, root, ["self"])),
        }
    }
}

impl Environment for World {
    fn attribute(&self, reference: &Reference) -> Effective {
        match &*reference.path()[0] {
            "off" => Effective::Known(Value::Off),
            name => self.0.get(name).cloned().unwrap_or(Effective::Unknown(Why::NotSet)),
        }
    }

    fn declared(&self, reference: &Reference) -> Declaration {
        match &*reference.path()[0] {
            "one" => Declaration::Set,
            "zero" => Declaration::NotSet,
            _ => Declaration::Unreadable,
        }
    }

    fn exists(&self, reference: &Reference) -> Option<bool> {
        match &*reference.path()[0] {
            "pool" => Some(true),
            "cache" => Some(false),
            _ => None,
        }
    }
}

/// The answer in a word: `true`, `false`, the unknown references, or the error.
fn judged(source: &str, world: &World) -> String {
    let program = compile(source, world).unwrap_or_else(|error| panic!("{source}: {error}"));
    match program.judge(world) {
        Outcome::True => "true".into(),
        Outcome::False => "false".into(),
        Outcome::Unknown(references) => {
            let names: Vec<String> = references.map(|reference| reference.path().join(".")).collect();
            format!("? {}", names.join(" "))
        }
        Outcome::Error(error) => error.message.into(),
    }
}

fn check(cases: &[(&str, &str)]) {
    let world = World::new();
    for (source, expected) in cases {
        assert_eq!(judged(source, &world), *expected, "{source}");
    }
}

/// The value as text, `?` if it is not known.
fn valued(source: &str) -> String {
    let world = World::new();
    let program = compile(source, &world).unwrap_or_else(|error| panic!("{source}: {error}"));
    match program.value(&world) {
        Ok(Answer::Known(value)) => format!("{value:?}"),
        Ok(Answer::Between(low, high)) => format!("{low:?}..{high:?}"),
        Ok(Answer::Unknown(_)) => "?".into(),
        Err(error) => error.message.into(),
    }
}

fn refused(source: &str) -> CompileError {
    match compile(source, &World::new()) {
        Ok(_) => panic!("accepted: {source}"),
        Err(error) => error,
    }
}

const WRONG: &str = "not defined for values of these types";

#[test]
fn and_or_not_are_kleene() {
    // rows and columns: true, false, unknown, error
    const OPERANDS: [&str; 4] = ["self.t", "self.f", "self.u", "self.e"];
    const AND: [[&str; 4]; 4] = [
        ["true", "false", "? u", WRONG],
        ["false", "false", "false", "false"],
        ["? u", "false", "? u", "? u"],
        [WRONG, "false", "? u", WRONG],
    ];
    const OR: [[&str; 4]; 4] = [
        ["true", "true", "true", "true"],
        ["true", "false", "? u", WRONG],
        ["true", "? u", "? u", "? u"],
        ["true", WRONG, "? u", WRONG],
    ];
    let world = World::new();
    for (i, a) in OPERANDS.iter().enumerate() {
        for (j, b) in OPERANDS.iter().enumerate() {
            assert_eq!(judged(&format!("{a} && {b}"), &world), AND[i][j], "{a} && {b}");
            assert_eq!(judged(&format!("{a} || {b}"), &world), OR[i][j], "{a} || {b}");
        }
    }
    check(&[("!self.t", "false"), ("!self.u", "? u"), ("!self.e", WRONG), ("!!self.f", "false")]);
}

#[test]
fn every_other_operator_passes_unknown_on_and_unknown_beats_error() {
    const ERROR: &str = "(1 / self.zero)";
    let world = World::new();
    for operator in ["==", "!=", "<", "<=", ">", ">="] {
        for (a, b) in [("self.cpu", "1"), ("1", "self.cpu"), ("self.cpu", ERROR), (ERROR, "self.cpu")] {
            assert_eq!(judged(&format!("{a} {operator} {b}"), &world), "? cpu");
        }
        assert_eq!(judged(&format!("{ERROR} {operator} 1"), &world), "division by zero");
    }
    for operator in ["+", "-", "*", "/", "%"] {
        for (a, b) in [("self.cpu", "1"), ("1", "self.cpu"), ("self.cpu", ERROR), (ERROR, "self.cpu")] {
            assert_eq!(judged(&format!("{a} {operator} {b} > 0"), &world), "? cpu");
        }
        assert_eq!(judged(&format!("{ERROR} {operator} 1 > 0"), &world), "division by zero");
    }
    check(&[
        ("self.u ? true : true", "? u"),
        ("self.t ? true : self.u", "true"),
        ("self.f ? true : self.u", "? u"),
        ("self.e ? true : true", WRONG),
        ("self.t ? 1 / self.zero > 1 : true", "division by zero"),
        ("-self.cpu > 0", "? cpu"),
        ("[1][self.cpu] == 1", "? cpu"),
        ("self.cpu in [1]", "? cpu"),
        ("has(self.pool)", "true"),
        ("has(self.cache)", "false"),
        ("has(self.other)", "? other"),
        ("has(self.cache) && self.cpu > 1", "false"),
        ("declared(self.one)", "true"),
        ("declared(self.zero)", "false"),
        ("declared(self.cpu)", "? cpu"),
    ]);
}

#[test]
fn equality_is_three_valued_inside_lists_too() {
    check(&[
        ("[self.cpu] == [4]", "? cpu"),
        ("[self.cpu] != [4]", "? cpu"),
        ("[self.cpu, 1] == [4, 2]", "false"),
        ("[self.cpu, 1] != [4, 2]", "true"),
        ("[self.cpu] == [4, 2]", "false"),
        ("[[self.cpu], [1]] == [[4], [1]]", "? cpu"),
        ("[self.low] == [6]", "false"),
        ("4 in [self.cpu, 4]", "true"),
        ("4 in [self.cpu, 5]", "? cpu"),
        ("4 in [self.low, 5]", "? low"),
        ("6 in [self.low, 5]", "false"),
        ("1 in [1 / self.zero, 1]", "division by zero"),
        ("[self.cpu, 1 / self.zero] == [1, 2]", "? cpu"),
        ("[1 / self.zero].map(x, x).size() == 1", "division by zero"),
        ("[1].map(x, x / self.zero).size() == 1", "division by zero"),
        ("[self.cpu].map(x, x + 1).size() == 1", "true"),
        ("size([self.cpu, 2]) == 2", "true"),
        ("[self.cpu, 2][1] == 2", "true"),
        ("self.list == [1, 2, 3]", "true"),
        ("self.list == [1, 2.0, 3]", "true"),
        ("self.list + [self.cpu] == [1, 2, 3, 4]", "? cpu"),
        ("[] == []", "true"),
    ]);
}

#[test]
fn loops_are_decided_by_one_element_if_it_can() {
    check(&[
        ("[self.cpu, 2].exists(x, x == 2)", "true"),
        ("[self.cpu, 3].exists(x, x == 2)", "? cpu"),
        ("[1 / self.zero > 0, true].exists(x, x)", "division by zero"), // the list itself is wrong
        ("[0, 1].exists(x, 1 / x == 1)", "true"),
        ("[0, 2].exists(x, 1 / x == 1)", "division by zero"),
        ("[0, 2].exists(x, 1 / x == self.cpu)", "? cpu"),
        ("[0, 1].all(x, 2 / x == 1)", "false"),
        ("[self.cpu, 3].all(x, x == 2)", "false"),
        ("[self.cpu, 2].all(x, x == 2)", "? cpu"),
        ("[1, 2, 1].exists_one(x, x == 1)", "false"),
        ("[1, 2].exists_one(x, x == 1)", "true"),
        ("[1, self.cpu].exists_one(x, x == 1)", "? cpu"),
        ("[1, 1, self.cpu].exists_one(x, x == 1)", "false"),
        ("[1, 0].exists_one(x, 1 / x == 1)", "division by zero"),
        ("[1, self.cpu].filter(x, x > 1).size() == 1", "? cpu"),
        ("[1, 2, 3].filter(x, x > 1) == [2, 3]", "true"),
        ("[1, 2].map(x, [3].exists(y, y == x + 1)) == [false, true]", "true"),
        ("[1, 2].all(x, [x].all(x, x > 0) && x > 0)", "true"),
        ("[].exists(x, x) || [].all(x, x)", "true"),
        ("self.list.exists(x, x == 'a')", "false"),
        ("self.list.exists(x, x > 'a')", WRONG),
    ]);
}

#[test]
fn intervals_compare_only_when_certain() {
    // low is 1 to 5, high is 4 to 9, open is 10 or more
    check(&[
        ("self.low < 6", "true"),
        ("self.low < 5", "? low"),
        ("self.low < 1", "false"),
        ("self.low <= 5", "true"),
        ("self.low <= 4", "? low"),
        ("self.low <= 0", "false"),
        ("self.low > 0", "true"),
        ("self.low > 1", "? low"),
        ("self.low > 5", "false"),
        ("self.low >= 1", "true"),
        ("self.low >= 2", "? low"),
        ("self.low >= 6", "false"),
        ("self.low == 6", "false"),
        ("self.low == 5", "? low"),
        ("self.low != 6", "true"),
        ("self.low == self.high", "? low high"),
        ("self.low < self.high", "? low high"),
        ("self.low < self.open", "true"),
        ("self.low == self.open", "false"),
        ("self.open > 9", "true"),
        ("self.open < 100", "? open"),
        ("self.open >= self.limit", "? open limit"),
        ("self.open <= self.limit", "true"),
        ("self.open == self.limit", "? open limit"),
        ("self.low == self.limit", "false"),
        ("self.low == 1.5", "? low"),
        ("double(self.low) < 5.5", "true"),
        ("self.low == self.low", "? low"), // names are not followed, values are
        ("self.low == self.off", "false"),
        ("self.low < self.off", "? low off"),
        ("self.low < 6 && self.cpu > 1", "? cpu"),
        ("possibly(self.low < 5)", "true"),
        ("possibly(self.low < 1)", "false"),
        ("possibly(!(self.low < 5) || self.low == 3)", "true"),
        ("possibly(self.cpu < 5)", "? cpu"),
        ("possibly(self.low < 5 && self.cpu < 5)", "? low cpu"),
        ("unlimited(self.low)", "false"),
        ("unlimited(self.open)", "? open"),
        ("off(self.open)", "false"),
    ]);
}

#[test]
fn intervals_calculate_where_the_result_is_one() {
    for (source, expected) in [
        ("self.low + 1", "2..6"),
        ("self.low + self.high", "5..14"),
        ("10 - self.low", "5..9"),
        ("self.low - self.high", "-8..1"),
        ("self.low * 2", "2..10"),
        ("2 * self.low", "2..10"),
        ("self.low * self.high", "4..45"),
        ("self.low * 0", "0"),
        ("-self.low", "-5..-1"),
        ("(self.low - 3) * 2", "-4..4"),
        ("(self.low - 3) * self.low", "?"),
        ("self.low * -1", "?"),
        ("self.low / 2", "0..2"),
        ("20 / self.high", "2..5"),
        ("1 / (self.low - 1)", "?"),
        ("self.low % 2", "?"),
        ("self.open + 1", "11.."),
        ("self.open * 2", "20.."),
        ("1 - self.open", "..-9"),
        ("min(self.low, self.high)", "1..5"),
        ("max(self.low, self.high)", "4..9"),
        ("min(self.open, 50)", "10..50"),
        ("max(self.open, 50)", "50.."),
        ("max(self.low, 7)", "7"),
        ("abs(self.low)", "1..5"),
        ("abs(self.low - 3)", "?"),
        ("round(double(self.low) * 1.5)", "2..8"),
        ("self.low + self.max", "?"),
    ] {
        let text = valued(source).replace("Some(", "").replace("Int(", "").replace(')', "").replace("None", "");
        assert_eq!(text, expected, "{source}");
    }
}

#[test]
fn no_limit_is_above_every_number_and_off_is_beside_them() {
    check(&[
        ("self.limit > 1000000", "true"),
        ("self.limit <= 5", "false"),
        ("self.limit == self.limit", "true"),
        ("self.limit == 5", "false"),
        ("self.limit + 1 > 5", "true"),
        ("self.limit * 2 > 5", "true"),
        ("self.limit - 1 > 5", "true"),
        ("5 - self.limit > 5", "? limit"),
        ("self.limit * self.zero > 5", "? limit zero"),
        ("min(self.limit, 5) == 5", "true"),
        ("unlimited(max(self.limit, 5))", "true"),
        ("double(self.limit) > 1.5", "true"),
        ("self.off == 5", "false"),
        ("self.off != 5", "true"),
        ("self.off == self.off", "true"),
        ("self.off < 5", "? off"),
        ("self.off + 1 < 5", "? off"),
        ("min(self.off, 5) < 5", "? off"),
        ("off(self.off) && !unlimited(self.off)", "true"),
        ("off(self.limit) || unlimited(self.one)", "false"),
        ("off(self.cpu)", "? cpu"),
    ]);
}

#[test]
fn quantities_calculate() {
    for (source, expected) in [
        ("self.timeout * 2", "Duration(60000000000)"),
        ("2 * self.timeout", "Duration(60000000000)"),
        ("self.timeout * 0.5", "Duration(15000000000)"),
        ("self.timeout / 4", "Duration(7500000000)"),
        ("self.timeout / 0.5", "Duration(60000000000)"),
        ("self.timeout / duration('1m')", "Double(0.5)"),
        ("self.timeout - duration('31s')", "Duration(-1000000000)"),
        ("-self.timeout", "Duration(-30000000000)"),
        ("self.timeout / self.zero", "division by zero"),
        ("self.timeout / duration('0')", "division by zero"),
        ("self.timeout / (self.ratio - self.ratio)", "division by zero"),
        ("self.timeout * self.nan", "the result is too large"),
        ("self.timeout * self.max", "the result is too large"),
        ("self.memory / quantity('1Mi')", "Double(64.0)"),
        ("self.memory + quantity('1Ki')", "Size(67109888)"),
        ("self.memory * 1.5", "Size(100663296)"),
        ("max(self.timeout * 10, duration('5s'))", "Duration(300000000000)"),
        ("max([1, 3, 2])", "Int(3)"),
        ("min(self.list)", "Int(1)"),
        ("max(self.list.filter(x, x > 9))", "an empty list has no least or greatest element"),
        ("round(2.5) + round(-2.5) + round(3)", "Int(3)"),
        ("int(-2.9)", "Int(-2)"),
        ("int(self.nan)", "the result is too large"),
        ("int('12') + int(string(3))", "Int(15)"),
        ("int(self.name)", "the text is not a number"),
        ("duration(self.name)", Fault::NotADuration.message()),
        ("string(true) + string(1.5)", "Text(\"true1.5\")"),
        ("self.min / -1", "the result is too large"),
        ("self.min % -1", "the result is too large"),
        ("-self.min", "the result is too large"),
        ("abs(self.min)", "the result is too large"),
        ("self.max + 1", "the result is too large"),
        ("self.one % self.zero", "division by zero"),
        ("-9223372036854775808", "Int(-9223372036854775808)"),
        ("0xFF - 0x0f", "Int(240)"),
        ("size('äöü') + 'abc'.size()", "Int(6)"),
        ("r'\\n' + \"\\n\" + '''it's'''", "Text(\"\\\\n\\nit's\")"),
        ("self.list[3]", "the list has no such index"),
        ("self.list[-1]", "the list has no such index"),
    ] {
        assert_eq!(valued(source), expected, "{source}");
    }
}

#[test]
fn not_a_number_compares_false_with_everything() {
    check(&[
        ("self.nan < 1.0", "false"),
        ("self.nan >= 1.0", "false"),
        ("self.nan == self.nan", "false"),
        ("self.nan != self.nan", "true"),
        ("self.nan < double(self.low)", "false"),
        ("self.nan == double(self.low)", "false"),
        ("self.max < 9223372036854775808.0", "true"),
        ("self.max == 9223372036854775808.0", "false"),
    ]);
}

#[test]
fn errors_say_what_to_write_and_where() {
    for (source, at, message) in [
        ("self.timout > 1", "timout", "`self` has no `timout`; did you mean `timeout`?"),
        ("sel.timeout > 1", "sel", "there is no `sel`; did you mean `self`?"),
        (
            "self.timeout > 30",
            "self.timeout > 30",
            "`>` does not take a duration and an int: write a duration like duration('30s')",
        ),
        (
            "self.timeout == '30s'",
            "self.timeout == '30s'",
            "a duration and a text are never equal: write duration(…) around the text",
        ),
        (
            "self.memory < 5",
            "self.memory < 5",
            "`<` does not take a size and an int: write a size like quantity('64Mi')",
        ),
        (
            "self.one * 1.5 > 2.0",
            "self.one * 1.5",
            "`*` does not take an int and a double: write double(…) around the int",
        ),
        ("self.name in [1]", "self.name in [1]", "a text is never in a list of which each element is an int"),
        ("self.one in self.name", "self.one in self.name", "`in` needs a list on its right, this is a text"),
        ("self.one && true", "self.one", "expected a condition, this is an int"),
        ("duration('30')", "'30'", Fault::NotADuration.message()),
        ("quantity('1Zi')", "'1Zi'", Fault::NotAQuantity.message()),
        ("1 / 0 == 1", "1 / 0", "division by zero"),
        (
            "self.pool == 1",
            "self.pool",
            "`self.pool` has no value: name one of its attributes, or write has(self.pool)",
        ),
        ("declared(self.pool)", "self.pool", "`self.pool` is no attribute: write has(self.pool)"),
        ("has(self)", "self", "`has` needs a name like `self.pool`"),
        ("self.one = 1", "=", "expected an operator or the end, found `=`; to compare, write `==`"),
        ("self.name == null", "null", "nothing is null here: write `!declared(…)` or `!has(…)`"),
        ("{'a': 1}", "{", "expected a value, found a brace, maps are not part of the language"),
        ("siz(self.name)", "siz", "there is no function `siz`; did you mean size(…)?"),
        ("self.name.startswith('a')", "startswith", "there is no function `startswith`; did you mean x.startsWith(…)?"),
        ("contains(self.name, 'a')", "contains", "`contains` is written x.contains(…)"),
        ("self.one.min(2)", "min", "`min` is written min(…)"),
        ("self.name.startsWith()", "self.name.startsWith()", "`startsWith` takes one argument, not 0"),
        ("self.name.matches('a')", "matches", "there is no function `matches`"),
        ("size(self.one)", "self.one", "a text or a list is needed here, this is an int"),
        ("min(1, 1.5)", "1.5", "this is a double, the other an int: write double(…) around the int"),
        ("self.t ? 1 : 'a'", "'a'", "this is a text, the other an int"),
        ("self.one.exists(x, true)", "self.one", "this needs a list, not an int"),
        ("[1].exists(x, x.y)", "y", "`x` is an element, it has no parts"),
        ("1u + 2u", "1", "unsigned integers are not part of the language: leave out the `u`"),
        ("b'abc'", "b'", "bytes are not part of the language"),
        ("'abc", "'", "the text has no closing quote"),
        ("'a\\qc'", "\\q", "not an escape sequence: write `\\\\` for a backslash"),
        ("9223372036854775808", "9223372036854775808", "the number is too large"),
        ("1e999", "1e999", "the number is too large"),
        ("self.t &", "&", "this character has no meaning here"),
        ("self.t &&", "", "expected a value, found the end"),
        ("(self.t", "", "expected `)`, found the end"),
        ("import == 1", "import", "`import` is a reserved word"),
        ("[1].all(x, [1].all(y, [1].all(z, true)))", "all", "more than 2 loops inside one another"),
    ] {
        let error = refused(source);
        assert_eq!((error.message.as_str(), &source[error.at]), (message, at), "{source}");
    }
}

#[test]
fn references_come_once_in_order_of_use() {
    let program = compile("self.one > 1 && has(self.pool) && self.one < self.cpu", &World::new()).expect("valid");
    let names: Vec<String> = program.references().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["self.one", "self.pool", "self.cpu"]);
    assert_eq!(program.references()[1].meaning(), Meaning::Resource);
    let many: Vec<String> = (0..65).map(|i| format!("a.b{i}")).collect();
    struct All;
    impl Names for All {
        fn resolve(&self, _: &str, _: &[&str]) -> Result<Meaning, UnknownName> {
            Ok(Meaning::Attribute(Type::Bool))
        }
    }
    assert!(compile(&many[..64].join("&&"), &All).is_ok_and(|program| program.references().len() == 64));
    assert!(compile(&many.join("&&"), &All).is_err());
}

#[test]
fn templates_show_values_and_never_a_guess() {
    let world = World::new();
    let render = |source: &str| match Template::compile(source, &world).expect("valid").render(&world) {
        Ok(text) => text,
        Err(Unrendered::Unknown(mut references)) => format!("? {}", references.next().expect("one is unknown")),
        Err(Unrendered::Error(error)) => error.to_string(),
    };
    for (source, expected) in [
        ("waits {self.timeout}, {self.timeout * 2}", "waits 30 s, 60 s"),
        ("{{literal}} {self.name + '}'}", "{literal} fixed}"),
        ("{self.low} workers, {self.open}, {1 - self.open}", "1 to 5 workers, at least 10, at most -9"),
        ("{self.limit}", "no limit"),
        ("{self.one} of {self.cpu}", "? self.cpu"),
        ("{self.one / self.zero}", "division by zero (at byte 1)"),
        ("", ""),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
    for (source, at) in
        [("a } b", 2..3), ("{self.one", 0..9), ("{self.one 2}", 0..10), ("{}", 1..2), ("{self.on}", 6..8)]
    {
        let error = Template::compile(source, &world).map(|_| ()).expect_err(source);
        assert_eq!(error.at, at, "{source}: {error}");
    }
}

/// Runs with half the stack of an ordinary thread.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread").join().expect("no overflow");
}

#[test]
fn hostile_sources_are_refused_or_bounded() {
    on_a_small_stack(|| {
        let world = World::new();
        let nested = |open: &str, middle: &str, close: &str, count: usize| {
            format!("{}{middle}{}", open.repeat(count), close.repeat(count))
        };
        let sources = [
            nested("(", "1", ")", 900),
            nested("[", "1", "]", 900),
            nested("size([", "1", "])", 200),
            nested("true ? true : (", "true", ")", 100),
            "true ? true : ".repeat(140) + "true",
            "self.one+".repeat(200) + "1",
            "a.".repeat(1000) + "a",
            "1".repeat(2000),
            "[1]".repeat(600),
            "x".repeat(100_000),
            "(".repeat(100_000),
            "'".repeat(100_000),
            "\\".repeat(2000),
            "!".repeat(2000),
            "-".repeat(2000) + "é",
            "\u{0}".into(),
            "é".repeat(1000),
            ",".into(),
            String::new(),
        ];
        for source in sources {
            let error = compile(&source, &world).map(|_| ()).expect_err(&source[..source.len().min(40)]);
            assert!(error.at.start <= error.at.end && error.at.end <= source.len(), "{error}");
            let _ = error.to_string();
        }
        // the deepest that is accepted
        for source in [
            nested("(", "self.t", ")", 47),
            nested("[", "self.one", "]", 46) + " == []",
            format!("{}self.t", "self.t ? self.t : ".repeat(46)),
            "self.one+".repeat(46) + "self.one > 0",
            nested("abs(", "self.one", ")", 46) + " > 0",
            "self.t && ".repeat(200) + "true",
            "!".repeat(1000) + "self.t",
            "-".repeat(1000) + "self.one == 1",
        ] {
            let program = compile(&source, &world).unwrap_or_else(|error| panic!("{error}: {source}"));
            let _ = program.judge(&world);
        }
        assert!(compile(&nested("(", "self.t", ")", 48), &world).is_err());
    });
}

#[test]
fn fuel_bounds_every_evaluation() {
    let list = Effective::Known(Value::List((0..1000).map(Value::Int).collect()));
    let text = Effective::Known(Value::text(&"x".repeat(1 << 20)));
    let world = World::new().with("list", list).with("name", text);
    for source in [
        "self.list.all(x, self.list.all(y, x + y >= 0))",
        "self.list.exists(x, self.list.exists(y, x + y < 0)) || true",
        "!self.list.all(x, self.list.all(y, x == y || x != y))",
        "self.list.all(x, self.name.contains('y')) || true",
        "self.list.map(x, self.name + self.name).size() > 0",
        "self.list.map(x, self.list) != self.list.map(x, self.list)",
        "self.list.all(x, self.list == self.list)",
        "size(self.list.map(x, self.list + self.list)) > 0",
    ] {
        assert_eq!(judged(source, &world), "the condition takes too many steps", "{source}");
    }
    assert_eq!(judged("self.list.all(x, x >= 0)", &world), "true");
}

/// Numbers for the test below, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    /// A number, of attributes that are uncertain.
    fn number(&mut self, depth: usize) -> String {
        let leaves = ["self.cpu", "self.low", "self.high", "self.open", "self.limit", "2", "5", "-3", "0"];
        if depth == 0 {
            return leaves[self.roll(leaves.len())].into();
        }
        let (a, b) = (self.number(depth - 1), self.number(depth - 1));
        match self.roll(9) {
            0 | 1 => format!("({a} + {b})"),
            2 => format!("({a} - {b})"),
            3 => format!("({a} * {b})"),
            4 => format!("({a} / {b})"),
            5 => format!("min({a}, {b})"),
            6 => format!("max({a}, {b})"),
            7 => format!("abs({a})"),
            _ => format!("-({a})"),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        let comparison = ["<", "<=", ">", ">=", "==", "!="][self.roll(6)];
        let (a, b) = (self.number(depth.min(2)), self.number(depth.min(1)));
        if depth == 0 {
            return format!("({a} {comparison} {b})");
        }
        match self.roll(8) {
            0 | 1 => format!("({} && {})", self.condition(depth - 1), self.condition(depth - 1)),
            2 | 3 => format!("({} || {})", self.condition(depth - 1), self.condition(depth - 1)),
            4 => format!("!{}", self.condition(depth - 1)),
            5 => format!("({a} in [{b}, {}])", self.number(1)),
            6 => format!("[{a}, {b}].exists(x, x {comparison} {})", self.number(1)),
            _ => format!("([{a}, 1] {} [{b}, {}])", ["==", "!="][self.roll(2)], self.number(0)),
        }
    }
}

#[test]
fn what_is_certain_stays_so_whatever_the_unknown_turns_out_to_be() {
    let uncertain = World::new().with("limit", Effective::Between(Some(Value::Int(-2)), Some(Value::Unlimited)));
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut certain = 0;
    for _ in 0..20_000 {
        let source = dice.condition(2);
        let Ok(program) = compile(&source, &uncertain) else { continue }; // a constant part that is wrong
        let before = program.judge(&uncertain);
        if !matches!(before, Outcome::True | Outcome::False) {
            continue;
        }
        certain += 1;
        for _ in 0..4 {
            let mut within = |low: i64, width: usize| {
                Effective::Known(Value::Int(low + i64::try_from(dice.roll(width)).expect("small")))
            };
            let (cpu, low, high) = (within(-4, 9), within(1, 5), within(4, 6));
            let (open, limit) = (within(10, 20), within(-2, 20));
            let endless = |value| if dice.roll(4) == 0 { Effective::Known(Value::Unlimited) } else { value };
            let [open, limit] = [open, limit].map(endless);
            let world = World::new().with("cpu", cpu).with("low", low).with("high", high);
            let world = world.with("open", open).with("limit", limit);
            let contradicted = matches!(
                (&before, program.judge(&world)),
                (Outcome::True, Outcome::False) | (Outcome::False, Outcome::True)
            );
            assert!(!contradicted, "{source}: {before:?}, but not with {:?}", world.0);
        }
    }
    assert!(certain > 2_000, "too few are certain: {certain}");
}

#[test]
fn no_soup_of_characters_panics() {
    const PIECES: [&str; 32] = [
        "self.",
        "one",
        "list",
        "'",
        "\"",
        "\\",
        "\\u00",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "0x",
        "9",
        ".",
        "e",
        "-",
        "!",
        "&&",
        "||",
        "?",
        ":",
        ",",
        " in ",
        "é",
        "\u{0}",
        "\n",
        "//",
        "r'",
        ".map(x,",
        "duration('",
    ];
    let world = World::new();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..50_000 {
        let source: String = (0..1 + dice.roll(12)).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
        match compile(&source, &world) {
            Ok(program) => drop(program.value(&world)),
            Err(error) => {
                assert!(error.at.start <= error.at.end && error.at.end <= source.len(), "{source:?}: {error}")
            }
        }
        match Template::compile(&source, &world) {
            Ok(template) => drop(template.render(&world)),
            Err(error) => {
                assert!(error.at.start <= error.at.end && error.at.end <= source.len(), "{source:?}: {error}")
            }
        }
    }
}

#[test]
fn an_unknown_list_names_only_what_makes_it_unknown() {
    let world = World::new();
    let program = compile("[self.one, self.cpu]", &world).expect("valid");
    match program.value(&world) {
        Ok(Answer::Unknown(references)) => {
            assert_eq!(references.map(ToString::to_string).collect::<Vec<_>>(), ["self.cpu"])
        }
        other => panic!("{other:?}"),
    }
}
