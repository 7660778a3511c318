//! Canonical JSON: a subset of RFC 8785 in which one content has one way of being written.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use doorward_types::Principal;

use crate::{code::Code, value::Value};

/// A tree that has no floats, and no text but that of codes: no escape is ever needed, and keys
/// order alike by bytes and by UTF-16 units (RFC 8785 3.2.3). It borrows what it is made of.
pub(crate) enum Json<'a> {
    Null,
    Flag(bool),
    Number(i64),
    Text(Text<'a>),
    Codes(&'a BTreeSet<Code>),
    Map(Fields<'a>),
}

/// A text that needs no escape.
pub(crate) struct Text<'a>(Cow<'a, str>);

/// Fields in the order of their names.
pub(crate) struct Fields<'a>(Vec<(&'a str, Json<'a>)>);

impl<'a> Json<'a> {
    /// Returns a map without those of the fields that hold nothing.
    pub(crate) fn map<const N: usize>(fields: [(&'static str, Option<Self>); N]) -> Self {
        let present = fields
            .into_iter()
            .filter_map(|(name, json)| Some((name, json?)));
        let mut map: Vec<_> = present.collect();
        map.sort_unstable_by_key(|(name, _)| *name);
        Self::Map(Fields(map))
    }

    /// Returns a map of what is kept by field.
    pub(crate) fn fields<T>(fields: &'a BTreeMap<Code, T>, json: impl Fn(&'a T) -> Self) -> Self {
        let fields = fields.iter();
        Self::Map(Fields(
            fields
                .map(|(field, value)| (field.as_str(), json(value)))
                .collect(),
        ))
    }

    pub(crate) fn text(code: impl Into<Code>) -> Self {
        Self::Text(Text(code.into().into_text()))
    }

    pub(crate) fn code(code: &'a Code) -> Self {
        Self::Text(Text(code.as_str().into()))
    }

    /// Writes a word of this crate.
    pub(crate) const fn literal(word: &'static str) -> Self {
        Self::Text(Text(Cow::Borrowed(word)))
    }

    pub(crate) fn digest(digest: &[u8; 32]) -> Self {
        Self::Text(Text(base16ct::lower::encode_string(digest).into()))
    }

    pub(crate) fn to_text(&self) -> String {
        let mut out = String::with_capacity(USUAL_LEN);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => {
                // A text takes whatever is written to it.
                let _ = write!(out, "{number}");
            }
            Self::Text(Text(text)) => quote(text, out),
            Self::Codes(codes) => {
                out.push('[');
                for (n, code) in codes.iter().enumerate() {
                    separate(n, out);
                    quote(code.as_str(), out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (n, (key, value)) in fields.0.iter().enumerate() {
                    separate(n, out);
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Most entries are no longer, in bytes.
const USUAL_LEN: usize = 1_024;

impl<'a> From<&'a Value> for Json<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Nothing => Self::Null,
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.as_i64()),
            Value::Code(code) => Self::code(code),
            Value::Codes(codes) => Self::Codes(codes),
        }
    }
}

impl<'a> From<&'a BTreeMap<Code, Value>> for Json<'a> {
    fn from(values: &'a BTreeMap<Code, Value>) -> Self {
        Self::fields(values, Into::into)
    }
}

impl From<&Principal> for Json<'_> {
    fn from(principal: &Principal) -> Self {
        let kind = Some(Self::literal(principal.kind()));
        match principal {
            Principal::Account {
                account,
                membership,
            } => Self::map([
                ("kind", kind),
                ("account", Some(Self::text(account))),
                ("membership", Some(Self::text(membership))),
            ]),
            Principal::Support { support, agent } => Self::map([
                ("kind", kind),
                ("support", Some(Self::text(support))),
                ("agent", Some(Self::text(agent))),
            ]),
            Principal::Operator | Principal::System | Principal::Anonymous => {
                Self::map([("kind", kind)])
            }
        }
    }
}

fn separate(n: usize, out: &mut String) {
    if n > 0 {
        out.push(',');
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}
