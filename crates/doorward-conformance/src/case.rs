//! A case, its verdict, and the few assertions that cases are written with.

use std::{error::Error, fmt};

use crate::Harness;

/// One guarantee, put to the test.
pub struct Case<H> {
    /// What is guaranteed, as a test name.
    pub name: &'static str,
    pub(crate) run: fn(&H) -> Verdict,
}

impl<H: Harness> Case<H> {
    /// Runs the case on a fresh storage.
    ///
    /// # Errors
    /// [`Failure`] says what the storage did instead.
    pub fn run(&self, harness: &H) -> Verdict {
        (self.run)(harness).map_err(|failure| Failure(format!("{}: {failure}", self.name)))
    }
}

impl<H> fmt::Debug for Case<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.name)
    }
}

/// What a case found.
pub type Verdict = Result<(), Failure>;

/// How a storage broke its contract.
#[derive(Clone, Eq, PartialEq)]
pub struct Failure(pub(crate) String);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = format!("an unexpected error: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self(text)
    }
}

/// Fails unless both are the same.
pub(crate) fn same<T: fmt::Debug + PartialEq>(what: &str, actual: T, expected: T) -> Verdict {
    if actual == expected {
        return Ok(());
    }
    Err(Failure(format!(
        "{what}: expected {expected:?}, found {actual:?}"
    )))
}

/// Fails unless the condition holds.
pub(crate) fn ensure(condition: bool, what: impl fmt::Display) -> Verdict {
    if condition {
        Ok(())
    } else {
        Err(Failure(what.to_string()))
    }
}

/// Fails where there is nothing.
pub(crate) fn some<T>(what: &str, option: Option<T>) -> Result<T, Failure> {
    option.ok_or_else(|| Failure(format!("{what} is missing")))
}

/// Fails unless the call was refused in this way.
macro_rules! refused {
    ($what:expr, $result:expr, $pattern:pat $(if $guard:expr)?) => {
        match $result {
            Err($pattern) $(if $guard)? => Ok::<(), $crate::Failure>(()),
            other => Err($crate::Failure(format!(
                "{}: expected Err({}), found {other:?}",
                $what,
                stringify!($pattern $(if $guard)?),
            ))),
        }
    };
}
pub(crate) use refused;
