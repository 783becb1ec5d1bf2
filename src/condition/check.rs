//! Types at compile time: which operators and functions take which, and what to write instead where they do not.

use super::function::Function;
use super::operator::Operator;
use super::program::Loop;
use crate::model::Type;

/// What is known of the type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An element of a list whose elements may be anything.
    Any,
    /// This type; of a list, the elements may be anything.
    Is(Type),
    /// A list of this type.
    ListOf(Type),
}

impl Shape {
    pub(super) const BOOL: Shape = Shape::Is(Type::Bool);
    pub(super) const INT: Shape = Shape::Is(Type::Int);
    pub(super) const TEXT: Shape = Shape::Is(Type::Text);
    pub(super) const LIST: Shape = Shape::Is(Type::List);

    /// The type, lists of every kind being one.
    fn base(self) -> Option<Type> {
        match self {
            Shape::Any => None,
            Shape::Is(base) => Some(base),
            Shape::ListOf(_) => Some(Type::List),
        }
    }

    /// The list whose elements have this shape.
    pub(super) fn listed(self) -> Shape {
        self.base().map_or(Shape::LIST, Shape::ListOf)
    }

    /// The shape of the elements, of a list.
    pub(super) fn element(self) -> Option<Shape> {
        match self {
            Shape::Any | Shape::Is(Type::List) => Some(Shape::Any),
            Shape::ListOf(element) => Some(Shape::Is(element)),
            Shape::Is(_) => None,
        }
    }

    /// Whether it may be `wanted`.
    pub(super) fn may_be(self, wanted: Type) -> bool {
        self.base().is_none_or(|base| base == wanted)
    }

    /// The shape of a value that is one of the two; `None` if they exclude each other.
    pub(super) fn either(self, other: Shape) -> Option<Shape> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Shape::Any, _) | (_, Shape::Any) => Some(Shape::Any),
            (a, b) if a.base() == b.base() => Some(Shape::LIST),
            _ => None,
        }
    }

    /// For a person: with its article.
    pub(super) fn described(self) -> &'static str {
        match self.base() {
            None => "a value of any type",
            Some(Type::Bool) => "a bool",
            Some(Type::Int) => "an int",
            Some(Type::Double) => "a double",
            Some(Type::Text) => "a text",
            Some(Type::Duration) => "a duration",
            Some(Type::Size) => "a size",
            Some(Type::List) => "a list",
        }
    }
}

/// The type of `a operator b`, or what is wrong with it.
pub(super) fn binary(operator: Operator, a: Shape, b: Shape) -> Result<Shape, String> {
    use Operator::*;
    let fits = match operator {
        In => return membership(a, b),
        Equal | Unequal => comparable(a, b),
        Less | LessOrEqual | Greater | GreaterOrEqual => {
            comparable(a, b) && a.base().or(b.base()) != Some(Type::List) && b.base() != Some(Type::List)
        }
        Add | Subtract | Multiply | Divide | Remainder => {
            return arithmetic(operator, a, b).ok_or_else(|| unfit(operator, a, b));
        }
    };
    if fits { Ok(Shape::BOOL) } else { Err(unfit(operator, a, b)) }
}

/// Whether two values may be equal: one type, or two kinds of number; lists likewise.
fn comparable(a: Shape, b: Shape) -> bool {
    let number = |base| matches!(base, Type::Int | Type::Double);
    match (a, b) {
        (Shape::ListOf(a), Shape::ListOf(b)) => a == b || (number(a) && number(b)),
        _ => match (a.base(), b.base()) {
            (Some(a), Some(b)) => a == b || (number(a) && number(b)),
            _ => true,
        },
    }
}

fn membership(a: Shape, list: Shape) -> Result<Shape, String> {
    let Some(element) = list.element() else {
        return Err(format!("`in` needs a list on its right, this is {}", list.described()));
    };
    if comparable(a, element) { Ok(Shape::BOOL) } else { Err(unfit(Operator::In, a, element)) }
}

/// The type of a sum, difference, product, quotient or remainder.
fn arithmetic(operator: Operator, a: Shape, b: Shape) -> Option<Shape> {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    let (Some(left), Some(right)) = (a.base(), b.base()) else {
        // one side may be anything: whatever the other may be part of
        let known = a.base().or(b.base());
        let possible = match operator {
            Add => known != Some(Type::Bool),
            Remainder => known.is_none_or(|known| known == Type::Int),
            _ => !matches!(known, Some(Type::Bool | Type::Text | Type::List)),
        };
        return possible.then_some(if operator == Remainder { Shape::INT } else { Shape::Any });
    };
    let quantity = |base| matches!(base, Type::Duration | Type::Size);
    let number = |base| matches!(base, Type::Int | Type::Double);
    match operator {
        Add if left == Type::List && right == Type::List => Some(a.either(b).unwrap_or(Shape::LIST)),
        Add if left == right && left == Type::Text => Some(a),
        Add | Subtract if left == right && (number(left) || quantity(left)) => Some(a),
        Multiply | Divide if left == right && number(left) => Some(a),
        Multiply | Divide if quantity(left) && number(right) => Some(a),
        Multiply if number(left) && quantity(right) => Some(b),
        Divide if left == right && quantity(left) => Some(Shape::Is(Type::Double)),
        Remainder if left == right && left == Type::Int => Some(a),
        _ => None,
    }
}

/// That an operator does not take these two, and what to do about it.
fn unfit(operator: Operator, a: Shape, b: Shape) -> String {
    let pair = (a.base(), b.base());
    let has = |base| pair.0 == Some(base) || pair.1 == Some(base);
    let number = has(Type::Int) || has(Type::Double);
    let advice = if has(Type::Int) && has(Type::Double) {
        ": write double(…) around the int"
    } else if has(Type::Duration) && number {
        ": write a duration like duration('30s')"
    } else if has(Type::Size) && number {
        ": write a size like quantity('64Mi')"
    } else if has(Type::Duration) && has(Type::Text) {
        ": write duration(…) around the text"
    } else if has(Type::Size) && has(Type::Text) {
        ": write quantity(…) around the text"
    } else if operator == Operator::Add && has(Type::Text) {
        ": write string(…) around the other"
    } else {
        ""
    };
    let (symbol, left, right) = (operator.symbol(), a.described(), b.described());
    match operator {
        Operator::Equal | Operator::Unequal => format!("{left} and {right} are never equal{advice}"),
        Operator::In => format!("{left} is never in a list of which each element is {right}{advice}"),
        _ => format!("`{symbol}` does not take {left} and {right}{advice}"),
    }
}

/// The type of a call, or the index of an argument that does not fit and what is wrong with it.
pub(super) fn call(function: Function, arguments: &[Shape]) -> Result<Shape, (usize, String)> {
    use Type::{Bool, Double, Duration, Int, List, Size, Text};
    let takes = |types: &[Type], wanted: &str| match arguments
        .iter()
        .position(|shape| !types.iter().any(|wanted| shape.may_be(*wanted)))
    {
        None => Ok(()),
        Some(index) => Err((index, format!("{wanted} is needed here, this is {}", arguments[index].described()))),
    };
    let first = arguments.first().copied().unwrap_or(Shape::Any);
    Ok(match function {
        Function::Size => takes(&[Text, List], "a text or a list").map(|()| Shape::INT)?,
        Function::StartsWith | Function::EndsWith | Function::Contains => {
            takes(&[Text], "a text").map(|()| Shape::BOOL)?
        }
        Function::Min | Function::Max if arguments.len() == 1 => {
            takes(&[List], "a list, or more than one argument,")?;
            first.element().unwrap_or(Shape::Any)
        }
        Function::Min | Function::Max => {
            takes(&[Int, Double, Duration, Size, Text, Bool], "a number, a duration, a size or a text")?;
            let mut all = first;
            for (index, shape) in arguments.iter().enumerate() {
                all = all.either(*shape).ok_or_else(|| (index, unlike(first, *shape)))?;
            }
            all
        }
        Function::Abs => takes(&[Int, Double, Duration, Size], "a number, a duration or a size").map(|()| first)?,
        Function::Int => takes(&[Int, Double, Text], "a number or a text").map(|()| Shape::INT)?,
        Function::Double => takes(&[Int, Double, Text], "a number or a text").map(|()| Shape::Is(Double))?,
        Function::Text => takes(&[Int, Double, Text, Bool], "a number, a text or a bool").map(|()| Shape::TEXT)?,
        Function::Duration => takes(&[Text, Duration], "a text like '30s'").map(|()| Shape::Is(Duration))?,
        Function::Quantity => takes(&[Text, Size], "a text like '64Mi'").map(|()| Shape::Is(Size))?,
        Function::Unlimited | Function::Off => Shape::BOOL,
        Function::Possibly => takes(&[Bool], "a condition").map(|()| Shape::BOOL)?,
        Function::Round => takes(&[Int, Double], "a number").map(|()| Shape::INT)?,
    })
}

/// That two values that should be of one type are not.
pub(super) fn unlike(a: Shape, b: Shape) -> String {
    let advice = match (a.base(), b.base()) {
        (Some(Type::Int), Some(Type::Double)) | (Some(Type::Double), Some(Type::Int)) => {
            ": write double(…) around the int"
        }
        _ => "",
    };
    format!("this is {}, the other {}{advice}", b.described(), a.described())
}

/// The type of a loop over elements of the shape `element` with a body of the shape `body`; `None` if the body must be a
/// bool and is not.
pub(super) fn looped(kind: Loop, list: Shape, body: Shape) -> Option<Shape> {
    match kind {
        Loop::Map => Some(body.listed()),
        _ if !body.may_be(Type::Bool) => None,
        Loop::Filter => Some(if list == Shape::Any { Shape::LIST } else { list }),
        Loop::Exists | Loop::All | Loop::ExistsOne => Some(Shape::BOOL),
    }
}
