//! A field's value as it stands in the text: typed, but nothing copied unless an escape asks for it.

use std::borrow::Cow;

use model::entry::Value;

/// [`Value`], borrowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Written<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Json(&'a str),
}

impl<'a> From<&'a Value> for Written<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(text) => Self::Text(text.into()),
            Value::Json(text) => Self::Json(text),
        }
    }
}

impl From<Written<'_>> for Value {
    fn from(written: Written<'_>) -> Self {
        match written {
            Written::Null => Self::Null,
            Written::Bool(value) => Self::Bool(value),
            Written::Int(value) => Self::Int(value),
            Written::Float(value) => Self::Float(value),
            Written::Text(text) => Self::Text(text.into_owned()),
            Written::Json(text) => Self::Json(text.to_owned()),
        }
    }
}
