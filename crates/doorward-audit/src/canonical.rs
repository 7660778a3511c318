//! Canonical JSON: a subset of RFC 8785 in which one content has one way of being written.

use std::collections::BTreeMap;

use doorward_types::Principal;

use crate::{code::Code, value::Value};

/// A tree that has no floats, and no text but that of codes: no escape is ever needed, and keys
/// order alike by bytes and by UTF-16 units (RFC 8785 3.2.3).
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(i64),
    Text(Code),
    List(Vec<Self>),
    Map(BTreeMap<Code, Self>),
}

impl Json {
    /// Returns a map without those of the fields that hold nothing.
    pub(crate) fn map<const N: usize>(fields: [(&'static str, Option<Self>); N]) -> Self {
        let present = fields
            .into_iter()
            .filter_map(|(name, json)| Some((Code::literal(name), json?)));
        Self::Map(present.collect())
    }

    pub(crate) fn text(code: impl Into<Code>) -> Self {
        Self::Text(code.into())
    }

    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(code) => quote(code, out),
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    separate(n, out);
                    item.write(out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (n, (key, value)) in fields.iter().enumerate() {
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

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Nothing => Self::Null,
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.as_i64()),
            Value::Code(code) => Self::Text(code.clone()),
            Value::Codes(codes) => Self::List(codes.iter().cloned().map(Self::Text).collect()),
        }
    }
}

impl From<&BTreeMap<Code, Value>> for Json {
    fn from(values: &BTreeMap<Code, Value>) -> Self {
        Self::Map(
            values
                .iter()
                .map(|(field, value)| (field.clone(), value.into()))
                .collect(),
        )
    }
}

impl From<&Principal> for Json {
    fn from(principal: &Principal) -> Self {
        let kind = Some(Self::Text(Code::literal(principal.kind())));
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

fn quote(code: &Code, out: &mut String) {
    out.push('"');
    out.push_str(code.as_str());
    out.push('"');
}
