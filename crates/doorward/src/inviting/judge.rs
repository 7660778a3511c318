//! Judging an offer: whether it fits, and whether somebody may give it.

use std::collections::BTreeSet;

use doorward_access::{
    Authority, FitRejection, FittedOffer, Level, OfferVerdict, Profile, Sets, Shortfall,
    judge_offer,
};
use doorward_invitations::SponsorVerdict;
use doorward_types::{Levels, Offer, ProfileId, Scope};

use crate::{Doorward, Fault, record::Loaded, work::Work};

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

impl Doorward {
    /// Reads the levels and profiles an offer names and judges it against what somebody may give.
    pub(crate) async fn judge(
        &self,
        scope: Scope,
        offer: &Offer,
        authority: &Authority,
    ) -> Result<Judged, Fault> {
        let levels = match offer.levels() {
            Levels::Unrestricted => Vec::new(),
            Levels::Assigned(ids) => {
                self.load_all::<Level>(scope, ids.iter().map(|id| id.as_uuid()))
                    .await?
            }
        };
        let ids: BTreeSet<ProfileId> = offer.subjects().iter().map(|row| row.profile).collect();
        let profiles = self
            .load_all::<Profile>(scope, ids.iter().map(|id| id.as_uuid()))
            .await?;
        let verdict = {
            let levels: Vec<Level> = levels.iter().map(|read| read.state.clone()).collect();
            let profiles: Vec<Profile> = profiles.iter().map(|read| read.state.clone()).collect();
            let sets = Sets {
                levels: &levels,
                profiles: &profiles,
            };
            judge_offer(self.catalog(), offer, &sets, authority)
        };
        Ok(Judged {
            verdict,
            levels,
            profiles,
        })
    }
}
