//! Tables as CSV (RFC 4180) that no spreadsheet takes for formulas, and that lose no text.
//!
//! Files are UTF-8 without a byte order mark (for spreadsheets that need one to read names right, a
//! host writes [`BYTE_ORDER_MARK`] first), comma-separated, lines ended by CRLF, instants in UTC.
//! Rows are written one by one: memory does not grow with them.
//!
//! A cell that begins with `=` is run by spreadsheets, quoted or not (ASVS 1.2.10).
//! [`Safety::Safe`] puts one `'` before such text; [`unguard`] takes it away again, so that nothing
//! is lost. Numbers and instants are never touched. What is not covered: a reader that is told to
//! split at another sign than the comma can be handed a formula in the middle of a text.
//!
//! ```
//! use doorward_audit::csv::{guard, unguard};
//! assert_eq!(guard("=HYPERLINK(A1)"), "'=HYPERLINK(A1)");
//! assert_eq!(guard("+48 725 175 008"), "'+48 725 175 008");
//! assert_eq!(guard("O'Brien"), "O'Brien");
//! assert_eq!(unguard("'+48 725 175 008"), "+48 725 175 008");
//! ```

mod access;
mod entries;
mod guard;

use std::io::{self, Write};

pub use access::AccessCsv;
pub use entries::EntryCsv;
pub use guard::{guard, unguard};

/// The bytes by which some spreadsheets tell UTF-8; they stand before the first line or nowhere.
pub const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Whether texts that a spreadsheet would run are guarded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Safety {
    /// Guarded: for files that people open.
    #[default]
    Safe,
    /// As they are: for files that programs read.
    Raw,
}

impl Safety {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Raw => "raw",
        }
    }
}

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the table could not be written")]
pub struct WriteError(#[from] io::Error);

/// A cell of a table.
enum Cell {
    /// Nothing is known.
    Empty,
    /// Text of people, guarded where that was asked for.
    Text(String),
    /// Instants, numbers and words of our own, which begin with no sign.
    Plain(String),
}

impl Cell {
    fn text<T: ToString>(text: Option<T>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }

    fn plain<T: ToString>(text: Option<T>) -> Self {
        text.map_or(Self::Empty, |text| Self::Plain(text.to_string()))
    }
}

/// Writes lines of cells and counts them.
struct Table<W: Write> {
    writer: ::csv::Writer<W>,
    safety: Safety,
    count: u64,
}

impl<W: Write> Table<W> {
    fn new(out: W, safety: Safety, columns: &[&str]) -> Result<Self, WriteError> {
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(columns).map_err(io::Error::from)?;
        Ok(Self {
            writer,
            safety,
            count: 0,
        })
    }

    fn write<const N: usize>(&mut self, cells: [Cell; N]) -> Result<(), WriteError> {
        let safety = self.safety;
        let texts = cells.iter().map(|cell| match (cell, safety) {
            (Cell::Empty, _) => "".into(),
            (Cell::Text(text), Safety::Safe) => guard(text),
            (Cell::Text(text) | Cell::Plain(text), _) => text.into(),
        });
        self.writer
            .write_record(texts.map(CowBytes))
            .map_err(io::Error::from)?;
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, WriteError> {
        self.writer.flush()?;
        Ok(self.count)
    }
}

struct CowBytes<'a>(std::borrow::Cow<'a, str>);

impl AsRef<[u8]> for CowBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
