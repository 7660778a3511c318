//! Previews: what an edit gives and takes, for each distinct combination of holders.

use std::cmp::Ordering;

use crate::{
    Authority, Combination, Difference, EditRejection, SelfGranted, SetEdit, Sets, Shortfall,
    composition::Power,
};

/// What an edit of a level or profile gives and takes, before it is committed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Preview {
    rows: Vec<PreviewRow>,
}

/// The effect on those who hold the same combination.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreviewRow {
    /// What they hold.
    pub combination: Combination,
    /// How many they are.
    pub holders: u64,
    /// What they gain and lose.
    pub difference: Difference,
}

impl Preview {
    /// Returns the distinct combinations with what each gains and loses.
    #[must_use]
    pub fn rows(&self) -> &[PreviewRow] {
        &self.rows
    }

    /// Returns how many hold the set, in all combinations.
    #[must_use]
    pub fn holders(&self) -> u64 {
        self.rows.iter().map(|row| row.holders).sum()
    }

    /// Tells whether nobody gains or loses anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.difference.is_empty())
    }
}

/// The sets before and after an edit.
pub(crate) struct Edit<'a> {
    pub(crate) before: Sets<'a>,
    pub(crate) after: Sets<'a>,
}

/// What an edit does, and whether it may be done.
pub(crate) type Judged = (Preview, Result<SelfGranted, EditRejection>);

/// Computes what each combination gains and loses, and whether the actor may give it.
pub(crate) fn judge(circumstances: &SetEdit<'_>, edit: Edit<'_>) -> Result<Judged, EditRejection> {
    let catalog = circumstances.catalog;
    let mut rows = Vec::new();
    let mut above = Shortfall::default();
    let mut loses_administrators = false;
    for (combination, holders) in circumstances.holders {
        let before = Power::of(catalog, combination, &edit.before)?;
        let after = Power::of(catalog, combination, &edit.after)?;
        if let Err(short) = circumstances.authority.judge(catalog, &before, &after) {
            above = above.and(short);
        }
        // Over a single subject nobody administers the tenant.
        loses_administrators |= combination.profile.is_none()
            && catalog.is_administered_by(&before)
            && !catalog.is_administered_by(&after);
        // Shown in full, whether or not the actor may give it.
        let difference = Authority::everything()
            .judge(catalog, &before, &after)
            .unwrap_or_default();
        rows.push(PreviewRow {
            combination: combination.clone(),
            holders: *holders,
            difference,
        });
    }
    rows.sort_by(|a, b| match b.holders.cmp(&a.holders) {
        Ordering::Equal => a.combination.cmp(&b.combination),
        more => more,
    });
    let own = match circumstances.own {
        Some(own) => {
            let before = Power::of(catalog, own, &edit.before)?;
            let after = Power::of(catalog, own, &edit.after)?;
            !before.planes.covers(after.planes)
        }
        None => false,
    };
    let stays = || {
        circumstances.survivor.is_some_and(|survivor| {
            let power = Power::of(catalog, survivor.combination(), &edit.after);
            power.is_ok_and(|power| catalog.is_administered_by(&power))
        })
    };
    let verdict = if !above.is_none() {
        Err(EditRejection::Above(above))
    } else if loses_administrators && !stays() {
        Err(EditRejection::LastAdministrator)
    } else if own {
        Ok(SelfGranted::Yes)
    } else {
        Ok(SelfGranted::No)
    };
    Ok((Preview { rows }, verdict))
}
