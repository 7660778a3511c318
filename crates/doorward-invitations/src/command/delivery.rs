//! Record a delivery: what became of the latest mail.

use doorward_types::Generation;
use time::OffsetDateTime;

use crate::{DeliveryReport, Event, Invitation};

/// Why a report was not recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeliveryRejection {
    /// It is about another mail than the latest.
    #[error("the report is about mail {}, the latest is {}", reported.number(), latest.number())]
    AnotherMailing {
        /// The mailing it is about.
        reported: Generation,
        /// The latest.
        latest: Generation,
    },
    /// A later report is known.
    #[error("a report of `{known_at}` is known, this one is older")]
    Outdated {
        /// When the known one came in.
        known_at: OffsetDateTime,
    },
}

impl Invitation {
    /// Records what became of a mail (ALIS: "View Email Statuses"). A bounce closes nothing: the
    /// invitation can be sent again. It is about the mail, so it is recorded in a final state too
    /// and leaves that state as it is. A report that repeats what is known changes nothing and
    /// makes no event.
    ///
    /// # Errors
    /// [`DeliveryRejection`] for a report about an earlier mail, or one overtaken.
    pub fn record_delivery(
        mut self,
        generation: Generation,
        report: DeliveryReport,
    ) -> Result<(Self, Vec<Event>), DeliveryRejection> {
        let latest = self.mailing.generation;
        if generation != latest {
            return Err(DeliveryRejection::AnotherMailing {
                reported: generation,
                latest,
            });
        }
        let known = self.mailing.delivery;
        if report.at < known.at {
            return Err(DeliveryRejection::Outdated { known_at: known.at });
        }
        if report.status == known.status {
            return Ok((self, Vec::new()));
        }
        self.mailing.delivery = report;
        let event = Event::DeliveryRecorded {
            invitation: self.id,
            generation,
            was: known.status,
            status: report.status,
        };
        Ok((self, vec![event]))
    }
}
