//! Mail: what waits in the outbox, its wording and its links, and the tick that hands it over.

mod dispatch;
mod links;
mod notice;
mod wording;

pub use dispatch::Dispatched;
pub use links::Links;
pub use notice::Template;
pub(crate) use notice::{About, MailedSecret, Notice};
pub use wording::{Letter, PlainEnglish, Wording, Words};
