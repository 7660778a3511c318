//! Judging an offer: whether it fits, and whether somebody may give it.

use std::collections::BTreeSet;

use doorward_access::{
    Authority, FitRejection, FittedOffer, Level, OfferVerdict, Profile, Sets, Shortfall,
    judge_offer,
};
use doorward_invitations::SponsorVerdict;
use doorward_storage::{Batch, RecordKey, TooLarge};
use doorward_types::{LevelId, Levels, Offer, ProfileId, Scope};

use crate::{
    Doorward, Fault,
    record::{Loaded, key_of},
    together::Records,
    work::Work,
};

/// An offer with what was read to judge it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Result<OfferVerdict, FitRejection>,
    pub(crate) levels: Vec<Loaded<Level>>,
    pub(crate) profiles: Vec<Loaded<Profile>>,
}

impl Judged {
    /// Makes the commit fail if a level or profile of the offer is changed before it: retiring one
    /// races with offering it (design 3, retire, then scan).
    pub(crate) fn guard(&self, work: &mut Work) {
        self.levels.iter().for_each(|level| work.guard(level));
        self.profiles.iter().for_each(|profile| work.guard(profile));
    }

    /// Guards the levels and profiles of the offer for a commit that gives them to somebody.
    pub(crate) fn give(&self, work: &mut Work) -> Result<(), Fault> {
        for level in &self.levels {
            work.give(level)?;
        }
        for profile in &self.profiles {
            work.give(profile)?;
        }
        Ok(())
    }

    /// What the verdict means for the sponsor.
    pub(crate) fn verdict(&self) -> Result<SponsorVerdict, FitRejection> {
        match &self.verdict {
            Ok(OfferVerdict::Within(_)) => Ok(SponsorVerdict::Within),
            Ok(OfferVerdict::Above(above)) => Ok(SponsorVerdict::Above(shortfall(above))),
            Err(unfit) => Err(unfit.clone()),
        }
    }

    /// The offer as it fits the catalog, if the judge may give it.
    pub(crate) fn fitted(&self) -> Option<&FittedOffer> {
        match &self.verdict {
            Ok(OfferVerdict::Within(fitted)) => Some(fitted),
            Ok(OfferVerdict::Above(_)) | Err(_) => None,
        }
    }
}

/// What a sponsor lacks, in the words of invitations.
pub(crate) fn shortfall(above: &Shortfall) -> doorward_invitations::Shortfall {
    use doorward_invitations::Shortfall as Lacks;

    let names: BTreeSet<_> = above
        .permissions
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        Lacks::Unrestricted
    } else {
        Lacks::Permissions(names)
    }
}

/// Refuses an offer whose accept would not fit into one commit (design 3: 100 items).
///
/// An accept writes at most 25 items whatever is offered, and for each subject a grant with its claim and
/// three index entries, for each profile a guard and an index entry that goes, for each level a
/// guard and an index entry that comes and one that goes. Ten subjects under ten profiles leave room
/// for one level.
pub(crate) fn check_accept_fits(offer: &Offer) -> Result<(), Fault> {
    let profiles: BTreeSet<ProfileId> = offer.subjects().iter().map(|row| row.profile).collect();
    let levels = match offer.levels() {
        Levels::Unrestricted => 0,
        Levels::Assigned(ids) => ids.len(),
    };
    let count = 25 + 5 * offer.subjects().len() + 2 * profiles.len() + 3 * levels;
    if count > Batch::MAX_ITEMS {
        return Err(TooLarge::Items { count }.into());
    }
    Ok(())
}

impl Doorward {
    /// Reads the levels and profiles an offer names and judges it against what somebody may give.
    pub(crate) async fn judge(
        &self,
        scope: Scope,
        offer: &Offer,
        authority: &Authority,
    ) -> Result<Judged, Fault> {
        let named = Named::by(scope, offer);
        let mut read = self.records(named.keys()).await?;
        let sets = named.take(&mut read)?;
        Ok(self.judged(offer, sets, authority))
    }

    /// Judges an offer by the levels and profiles that were read.
    pub(crate) fn judged(&self, offer: &Offer, sets: OfferSets, authority: &Authority) -> Judged {
        let OfferSets { levels, profiles } = sets;
        let verdict = {
            let levels: Vec<Level> = levels.iter().map(|read| read.state.clone()).collect();
            let profiles: Vec<Profile> = profiles.iter().map(|read| read.state.clone()).collect();
            let sets = Sets {
                levels: &levels,
                profiles: &profiles,
            };
            judge_offer(self.catalog(), offer, &sets, authority)
        };
        Judged {
            verdict,
            levels,
            profiles,
        }
    }
}

/// The records that an offer names.
#[derive(Debug)]
pub(crate) struct Named {
    levels: Vec<RecordKey>,
    profiles: Vec<RecordKey>,
}

impl Named {
    pub(crate) fn by(scope: Scope, offer: &Offer) -> Self {
        let levels = match offer.levels() {
            Levels::Unrestricted => Vec::new(),
            Levels::Assigned(ids) => {
                let key = |id: &LevelId| key_of::<Level>(scope, id.as_uuid());
                ids.iter().map(key).collect()
            }
        };
        let ids: BTreeSet<ProfileId> = offer.subjects().iter().map(|row| row.profile).collect();
        let key = |id: &ProfileId| key_of::<Profile>(scope, id.as_uuid());
        Self {
            levels,
            profiles: ids.iter().map(key).collect(),
        }
    }

    /// Returns the keys of all, to be read with others.
    pub(crate) fn keys(&self) -> Vec<RecordKey> {
        self.levels.iter().chain(&self.profiles).cloned().collect()
    }

    /// Takes all out of what was read by [`keys`](Self::keys).
    pub(crate) fn take(&self, read: &mut Records) -> Result<OfferSets, Fault> {
        Ok(OfferSets {
            levels: read.several(self.levels.len())?,
            profiles: read.several(self.profiles.len())?,
        })
    }
}

/// The levels and profiles that an offer names.
#[derive(Debug)]
pub(crate) struct OfferSets {
    levels: Vec<Loaded<Level>>,
    profiles: Vec<Loaded<Profile>>,
}

#[cfg(test)]
mod tests {
    use doorward_types::{KindName, PersonId, SubjectOffer, Window};
    use time::macros::datetime;

    use super::*;

    fn offer(subjects: u8, levels: u8) -> Offer {
        let now = datetime!(2026-11-22 10:00 UTC);
        let held = (0..levels)
            .map(|n| LevelId::made_at(now, [n; 10]))
            .collect();
        let offer =
            Offer::of(KindName::new("contact").unwrap()).with_levels(Levels::Assigned(held));
        (0..subjects).fold(offer, |offer, n| {
            let subject = SubjectOffer {
                subject: PersonId::made_at(now, [n; 10]).into(),
                profile: ProfileId::made_at(now, [n; 10]),
                window: Window::since(now),
            };
            offer.with_subject(subject).unwrap()
        })
    }

    /// Design 3: no command is sent that an adapter need not take.
    #[test]
    fn an_offer_that_could_never_be_accepted_is_refused_when_it_is_made() {
        assert!(check_accept_fits(&offer(10, 1)).is_ok());
        assert!(check_accept_fits(&offer(0, 20)).is_ok());
        assert!(matches!(
            check_accept_fits(&offer(10, 2)),
            Err(Fault::TooLarge(TooLarge::Items { count: 101 }))
        ));
    }
}
