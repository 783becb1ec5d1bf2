//! The condition language against the `cel` crate: what ours accepts, CEL's parser accepts, and where both know a value it
//! is the same one. Only standard CEL is compared; our own functions have no oracle.

use std::panic::{AssertUnwindSafe, catch_unwind};

use trueup::condition::{Answer, Declaration, Environment, Meaning, Names, Reference, UnknownName, compile};
use trueup::model::{Effective, SECOND, Type, Value};

/// The attributes both sides see, all known. The duration is 90 s on both sides.
fn attributes() -> Vec<(&'static str, Type, Value)> {
    let ints = |values: &[i64]| Value::List(values.iter().copied().map(Value::Int).collect());
    vec![
        ("yes", Type::Bool, Value::Bool(true)),
        ("no", Type::Bool, Value::Bool(false)),
        ("zero", Type::Int, Value::Int(0)),
        ("three", Type::Int, Value::Int(3)),
        ("least", Type::Int, Value::Int(i64::MIN)),
        ("most", Type::Int, Value::Int(i64::MAX)),
        ("half", Type::Double, Value::Double(0.5)),
        ("big", Type::Double, Value::Double(1e18)),
        ("name", Type::Text, Value::text("fixed")),
        ("empty", Type::Text, Value::text("")),
        ("foreign", Type::Text, Value::text("häß😀")),
        ("list", Type::List, ints(&[1, 2, 3])),
        ("none", Type::List, ints(&[])),
        ("wait", Type::Duration, Value::Duration(90 * SECOND)),
    ]
}

struct Ours(Vec<(&'static str, Type, Value)>);

impl Names for Ours {
    fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName> {
        let ("self", [name]) = (root, path) else { return Err(UnknownName::at(0)) };
        let found = self.0.iter().find(|known| known.0 == *name).ok_or(UnknownName::at(1))?;
        Ok(Meaning::Attribute(found.1))
    }
}

impl Environment for Ours {
    fn attribute(&self, reference: &Reference) -> Effective {
        let found = self.0.iter().find(|known| *known.0 == *reference.path()[0]).expect("resolved at compile time");
        Effective::Known(found.2.clone())
    }

    fn declared(&self, _: &Reference) -> Declaration {
        Declaration::Set
    }

    fn exists(&self, _: &Reference) -> Option<bool> {
        Some(true)
    }
}

/// CEL's value of one of ours.
fn to_cel(value: &Value) -> cel::Value {
    match value {
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Int(value) => cel::Value::Int(*value),
        Value::Double(value) => cel::Value::Float(*value),
        Value::Text(value) => cel::Value::from(&**value),
        Value::List(values) => cel::Value::from(values.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Duration(nanos) => cel::Program::compile(&format!("duration('{nanos}ns')"))
            .expect("a duration")
            .execute(&cel::Context::default())
            .expect("a duration"),
        Value::Size(_) | Value::Unlimited | Value::Off => unreachable!("CEL has none"),
    }
}

fn same(ours: &Value, theirs: &cel::Value) -> bool {
    match (ours, theirs) {
        (Value::Bool(a), cel::Value::Bool(b)) => a == b,
        (Value::Int(a), cel::Value::Int(b)) => a == b,
        (Value::Double(a), cel::Value::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::Text(a), cel::Value::String(b)) => **a == ***b,
        (Value::List(a), cel::Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)),
        (Value::Duration(a), cel::Value::Duration(b)) => b.num_nanoseconds() == Some(*a),
        _ => false,
    }
}

/// Both implementations over the same attributes.
struct Both {
    ours: Ours,
    theirs: cel::Context<'static, 'static>,
}

/// How a source fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Ours does not accept it.
    Refused,
    /// Both have the same value.
    Agreed,
    /// Ours has an error where theirs has one as well.
    BothFailed,
    /// They differ for a reason in [`EXCEPTIONS`], by its index.
    Excepted(usize),
    /// Theirs panicked, so it has no say.
    Panicked,
}

/// What `cel` made of a source.
type Theirs = Result<cel::Value, String>;

/// A reason, and whether it applies to a source and what `cel` made of it.
type Exception = (&'static str, fn(&str, &Theirs) -> bool);

/// Where ours differs from the `cel` crate on purpose, and how that shows.
const EXCEPTIONS: [Exception; 3] = [
    (
        "durations can be multiplied, divided and negated",
        |_, theirs| matches!(theirs, Err(error) if error.contains("Duration") && !error.contains("verflow")),
    ),
    (
        "comparing with NaN is false, as IEEE 754 and the CEL specification have it; the crate has an error",
        |_, theirs| {
            let operators = ["'_<_'", "'_<=_'", "'_>_'", "'_>=_'"];
            matches!(theirs, Err(error) if error.contains("double") && operators.iter().any(|o| error.contains(o)))
        },
    ),
    ("ints and doubles compare exactly, the crate rounds the int", |source, theirs| {
        theirs.is_ok()
            && source.contains("double(")
            && (source.contains("most") || source.contains("9223372036854775807"))
    }),
];

impl Both {
    fn new() -> Self {
        let ours = Ours(attributes());
        let members: std::collections::HashMap<String, cel::Value> =
            ours.0.iter().map(|(name, _, value)| ((*name).to_owned(), to_cel(value))).collect();
        let mut theirs = cel::Context::default();
        theirs.add_variable_from_value("self", members);
        Both { ours, theirs }
    }

    /// Compares the two on `source`; what is wrong, if they differ.
    fn compare(&self, source: &str) -> Result<Verdict, String> {
        let Ok(program) = compile(source, &self.ours) else { return Ok(Verdict::Refused) };
        let ours = program.value(&self.ours);
        let theirs = catch_unwind(AssertUnwindSafe(|| {
            cel::Program::compile(source)
                .map(|program| program.execute(&self.theirs).map_err(|error| error.to_string()))
        }));
        let Ok(theirs) = theirs else { return Ok(Verdict::Panicked) };
        let theirs = theirs.map_err(|error| format!("only ours accepts {source}: {error}"))?;
        match (&ours, &theirs) {
            (Ok(Answer::Known(a)), Ok(b)) if same(a, b) => Ok(Verdict::Agreed),
            (Err(_), Err(_)) => Ok(Verdict::BothFailed),
            _ => match EXCEPTIONS.iter().position(|(_, applies)| applies(source, &theirs)) {
                Some(index) => Ok(Verdict::Excepted(index)),
                None => Err(format!("{source}: ours {ours:?}, theirs {theirs:?}")),
            },
        }
    }
}

/// Runs where the other implementation's recursion has room.
fn with_room<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("no panic")
}

/// Numbers for the generators, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.roll(among.len())]
    }
}

/// Expressions of a wanted type, so that most of them mean something.
struct Generator {
    dice: Dice,
    /// The variables of the loops around, all over ints.
    variables: Vec<&'static str>,
}

impl Generator {
    fn bool(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.dice.pick(&["true", "false", "self.yes", "self.no", "has(self.name)"]).into();
        }
        let d = depth - 1;
        match self.dice.roll(14) {
            0 | 1 => format!("{} && {}", self.bool(d), self.bool(d)),
            2 | 3 => format!("({} || {})", self.bool(d), self.bool(d)),
            4 => format!("!({})", self.bool(d)),
            5 => format!("!!{}", self.dice.pick(&["self.yes", "self.no"])),
            6 => format!("({} ? {} : {})", self.bool(d), self.bool(d), self.bool(d)),
            7 => format!("({} in {})", self.int(d), self.list(d)),
            8 if self.variables.len() < 2 => {
                let name = ["x", "y"][self.variables.len()];
                let list = self.list(d.min(1));
                self.variables.push(name);
                let body = self.bool(d);
                self.variables.pop();
                let kind = self.dice.pick(&["exists", "all", "exists_one"]);
                format!("{list}.{kind}({name}, {body})")
            }
            9 => {
                let method = self.dice.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{method}({})", self.text(0), self.text(d))
            }
            10 => format!("({} {} {})", self.text(d), self.comparison(), self.text(d)),
            11 => format!("({} {} {})", self.double(d), self.comparison(), self.double(d)),
            12 => format!("({} {} {})", self.duration(d), self.comparison(), self.duration(d)),
            _ => match self.dice.roll(4) {
                0 => format!("({} {} {})", self.int(d), self.comparison(), self.double(d)),
                1 => format!("({} {} {})", self.list(d), self.dice.pick(&["==", "!="]), self.list(d)),
                _ => format!("({} {} {})", self.int(d), self.comparison(), self.int(d)),
            },
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.dice.pick(&["==", "!=", "<", "<=", ">", ">="])
    }

    fn int(&mut self, depth: usize) -> String {
        if depth == 0 {
            let roll = self.dice.roll(4);
            if let Some(variable) = self.variables.get(roll) {
                return (*variable).into();
            }
            let leaves = [
                "0",
                "1",
                "-1",
                "2",
                "0x1F",
                "9223372036854775807",
                "-9223372036854775808",
                "self.zero",
                "self.three",
                "self.least",
                "self.most",
            ];
            return self.dice.pick(&leaves).into();
        }
        let d = depth - 1;
        match self.dice.roll(10) {
            0..=4 => format!("({} {} {})", self.int(d), self.dice.pick(&["+", "-", "*", "/", "%"]), self.int(d)),
            5 => format!("-{}", self.int(0).trim_start_matches('-')),
            6 => format!("size({})", if self.dice.roll(2) == 0 { self.text(d) } else { self.list(d) }),
            7 => format!("{}[{}]", self.list(d), self.int(0)),
            8 => format!("int({})", if self.dice.roll(2) == 0 { self.double(d) } else { self.text(d) }),
            _ => format!("({} ? {} : {})", self.bool(d), self.int(d), self.int(d)),
        }
    }

    fn double(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.dice.pick(&["1.5", "-0.0", ".25", "2e3", "1e-3", "self.half", "self.big"]).into();
        }
        let d = depth - 1;
        match self.dice.roll(4) {
            0 | 1 => format!("({} {} {})", self.double(d), self.dice.pick(&["+", "-", "*", "/"]), self.double(d)),
            2 => format!("double({})", self.int(d)),
            _ => format!("-({})", self.double(d)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves =
                ["'a'", "\"12\"", "''", "'\\u00e4'", "r'\\n'", "'''x'y'''", "self.name", "self.empty", "self.foreign"];
            return self.dice.pick(&leaves).into();
        }
        let d = depth - 1;
        match self.dice.roll(4) {
            0 => format!("({} + {})", self.text(d), self.text(d)),
            1 => format!("string({})", self.int(d)),
            2 => format!("string({})", self.bool(d)),
            _ => self.text(0),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.dice.pick(&["[]", "[1]", "[1, 2, 3,]", "[0, -1]", "self.list", "self.none"]).into();
        }
        let d = depth - 1;
        match self.dice.roll(5) {
            0 => format!("[{}, {}]", self.int(d), self.int(d)),
            1 => format!("({} + {})", self.list(d), self.list(d)),
            2 | 3 if self.variables.len() < 2 => {
                let name = ["x", "y"][self.variables.len()];
                let list = self.list(d.min(1));
                let filter = self.dice.roll(2) == 0;
                self.variables.push(name);
                let body = if filter { self.bool(d) } else { self.int(d) };
                self.variables.pop();
                format!("{list}.{}({name}, {body})", if filter { "filter" } else { "map" })
            }
            _ => self.list(0),
        }
    }

    fn duration(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.dice.pick(&["duration('1h30m')", "duration('90s')", "duration('-1.5ms')", "self.wait"]).into();
        }
        format!("({} {} {})", self.duration(depth - 1), self.dice.pick(&["+", "-"]), self.duration(depth - 1))
    }
}

/// True in both.
const TRUE: [&str; 88] = [
    "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9",
    "7 - 2 - 1 == 4",
    "8 / 2 / 2 == 2",
    "7 / 2 == 3",
    "-7 / 2 == -3",
    "-7 % 3 == -1",
    "7 % -3 == 1",
    "- 5 == -5",
    "--5 == 5",
    "---5 == -5",
    "-self.three == -3",
    "--self.three == 3",
    "3--3 == 6",
    "0x10 == 16",
    "-0x10 == -16",
    "0xff == 255",
    "007 == 7",
    "self.least == -9223372036854775808",
    "self.most == 9223372036854775807",
    "1.5 + 1.5 == 3.0",
    ".5 == 0.5",
    "1e3 == 1000.0",
    "1E+3 == 1000.0",
    "25e-1 == 2.5",
    "1 == 1.0",
    "1 < 1.5",
    "2.5 > 2",
    "-1.5 < -1",
    "0.0 == -0.0",
    "1.0 / 0.0 > 1e300",
    "-1.0 / 0.0 < -1e300",
    "self.most < 9223372036854775808.0 || true",
    "'a' < 'b'",
    "'B' < 'a'",
    "'a' < 'aa'",
    "'é' > 'z'",
    "'a' + 'b' == \"ab\"",
    "'\\x41\\u0042\\U00000043\\104' == 'ABCD'",
    "'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\\"\\\'\\`'.size() == 12",
    "r'\\n'.size() == 2",
    "R\"\\\".size() == 1",
    "\"\"\"a\"b\"\"\".size() == 3",
    "'''a\nb''' == 'a\\nb'",
    "size('häß😀') == 4",
    "self.foreign.size() == 4",
    "size('') == 0",
    "'abc'.contains('b') && !'abc'.contains('d')",
    "'abc'.startsWith('') && 'abc'.endsWith('abc')",
    "false < true",
    "!false",
    "!!true",
    "!(1 == 2)",
    "true || false && false",
    "(1 < 2) == true",
    "1 < 2 == true",
    "1 == 1 && 2 == 2 || 3 == 4",
    "1 + 1 == 2 ? true : false",
    "false ? false : true ? true : false",
    "(true ? 1 : 2) + 1 == 2",
    "1 in [1, 2]",
    "!(3 in [1, 2])",
    "1.0 in [1]",
    "'a' in ['b', 'a']",
    "!(1 in [])",
    "[1] in [[1], [2]]",
    "[1, 2] == [1, 2]",
    "[1, 2] != [2, 1]",
    "[1] == [1.0]",
    "[] + [1] == [1]",
    "[1, 2,] == [1, 2]",
    "[1, 2][1] == 2",
    "[[1], [2]][1][0] == 2",
    "self.list[self.zero] == 1",
    "self.list.size() == 3 && size(self.none) == 0",
    "self.list.exists(x, x > 2) && !self.list.exists(x, x > 3)",
    "self.list.all(x, x > 0) && !self.list.all(x, x > 1)",
    "self.list.exists_one(x, x > 2) && !self.list.exists_one(x, x > 1)",
    "self.none.all(x, false) && !self.none.exists(x, true)",
    "self.list.map(x, x * 2) == [2, 4, 6]",
    "self.list.filter(x, x % 2 == 1) == [1, 3]",
    "self.list.map(x, self.list.filter(y, y < x)) == [[], [1], [1, 2]]",
    "[1, 'a', true].exists(x, x == 'a')",
    "int('12') == 12 && int(2.9) == 2 && int(-2.9) == -2",
    "double('1.5') == 1.5 && double(3) == 3.0",
    "string(12) == '12' && string(1.5) == '1.5' && string(true) == 'true'",
    "duration('1m') + duration('30s') == self.wait && duration('90000ms') == self.wait",
    "1 == 1 // a comment",
];

/// Not part of our language, although CEL has them.
const OURS_REFUSES: [&str; 12] = [
    "{'a': 1}.a == 1",
    "b'a' == b'a'",
    "1u == 1u",
    "null == null",
    "type(1) == int",
    "'a'.matches('a')",
    "timestamp('2026-01-01T00:00:00Z') > timestamp('2025-01-01T00:00:00Z')",
    "dyn(1) == 1",
    "1 == 'a'",
    "!-1 == 1",
    "[1].map(x, x > 0, x) == [1]",
    "1 / 0 == 1 || true",
];

#[test]
fn cases_written_by_hand_agree() {
    let wrong: Vec<String> = with_room(|| {
        let both = Both::new();
        let yes = TRUE.iter().filter_map(|source| {
            let is_true = compile(source, &both.ours)
                .is_ok_and(|program| matches!(program.judge(&both.ours), trueup::condition::Outcome::True));
            match both.compare(source) {
                Ok(Verdict::Agreed) if is_true => None,
                other => Some(format!("{source}: {other:?}, true in ours: {is_true}")),
            }
        });
        let refused = OURS_REFUSES.iter().filter(|source| both.compare(source) != Ok(Verdict::Refused));
        yes.chain(refused.map(|source| format!("accepted: {source}"))).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_exceptions_are_as_named() {
    let verdicts = with_room(|| {
        let both = Both::new();
        ["self.wait * 2", "0.0 / 0.0 * self.half < 1.0", "self.most < double(self.most)"]
            .map(|source| both.compare(source))
    });
    assert_eq!(verdicts, [0, 1, 2].map(|index| Ok(Verdict::Excepted(index))));
}

#[test]
fn generated_expressions_agree() {
    let (agreed, wrong) = with_room(|| {
        let both = Both::new();
        let mut generator = Generator { dice: Dice(0x9E37_79B9_7F4A_7C15), variables: Vec::new() };
        let mut agreed = 0;
        let mut wrong = Vec::new();
        for round in 0..50_000 {
            let depth = 1 + round % 3;
            let source = match generator.dice.roll(8) {
                0 => generator.int(depth),
                1 => generator.double(depth),
                2 => generator.text(depth),
                3 => generator.list(depth),
                _ => generator.bool(depth),
            };
            match both.compare(&source) {
                Ok(verdict) => agreed += usize::from(verdict == Verdict::Agreed),
                Err(difference) => wrong.push(difference),
            }
        }
        (agreed, wrong)
    });
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(agreed > 40_000, "too few mean anything: {agreed}");
}

#[test]
fn token_soups_agree() {
    const TOKENS: [&str; 48] = [
        "self.yes",
        "self.no",
        "self.three",
        "self.zero",
        "self.half",
        "self.name",
        "self.list",
        "self.wait",
        "1",
        "0",
        "2.5",
        "'a'",
        "true",
        "false",
        "x",
        "[",
        "]",
        "(",
        ")",
        "(",
        ")",
        ",",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "?",
        ":",
        "in",
        ".size()",
        "size(",
        "has(",
        ".exists(x,",
        ".map(x,",
        ".all(x,",
        "[1,2]",
        "// c\n",
        "in",
    ];
    let (accepted, wrong) = with_room(|| {
        let both = Both::new();
        let mut dice = Dice(0xD1B5_4A32_D192_ED03);
        let mut accepted = 0;
        let mut wrong = Vec::new();
        for _ in 0..200_000 {
            let words: Vec<&str> = (0..1 + dice.roll(9)).map(|_| dice.pick(&TOKENS)).collect();
            match both.compare(&words.join(" ")) {
                Ok(Verdict::Refused) => {}
                Ok(_) => accepted += 1,
                Err(difference) => wrong.push(difference),
            }
        }
        (accepted, wrong)
    });
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(accepted > 4_000, "too few mean anything: {accepted}");
}
