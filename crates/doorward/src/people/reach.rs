//! Whom a member reaches: who may record people need not read and change all of them (Kalix: "prevent
//! users from accessing and editing clients that are not assigned to them").

use doorward_access::{Administration, Decision, Record, Relation};
use doorward_types::PersonId;

use crate::{Denied, Doorward, Error, Fault, ManagePeople, Permit, access_checks::states};

impl Doorward {
    /// Refuses a person whom the caller does not reach.
    pub(crate) async fn within_reach<R>(
        &self,
        permit: &Permit<ManagePeople>,
        person: PersonId,
    ) -> Result<(), Error<R>> {
        Ok(self.reach_over(permit, person).await??)
    }

    /// Answers for a person whom the caller does not reach as for one who does not exist.
    pub(crate) async fn reaches(
        &self,
        permit: &Permit<ManagePeople>,
        person: PersonId,
    ) -> Result<bool, Fault> {
        Ok(self.reach_over(permit, person).await?.is_ok())
    }

    /// Refuses whoever does not reach everybody: a file finds and changes whoever is in it.
    pub(crate) fn reaches_everybody(&self, permit: &Permit<ManagePeople>) -> Result<(), Denied> {
        match self.catalog().needed_for(Administration::EditPeople) {
            None => Ok(()),
            Some(needs) => {
                let standing = &permit.actor().standing;
                allowed(standing.check(needs, Relation::Other, permit.now()))
            }
        }
    }

    async fn reach_over(
        &self,
        permit: &Permit<ManagePeople>,
        person: PersonId,
    ) -> Result<Result<(), Denied>, Fault> {
        if self.reaches_everybody(permit).is_ok() {
            return Ok(Ok(()));
        }
        let (Some(needs), Some(member)) = (
            self.catalog().needed_for(Administration::EditPeople),
            &permit.actor().member,
        ) else {
            return Ok(Err(Denied::Support));
        };
        let member = &member.state;
        let hanging = self
            .hanging_over(permit.scope(), member, person.into())
            .await?;
        let standing = hanging.standing(self, member, &states(&permit.actor().levels));
        let record = Record::of(person);
        Ok(allowed(standing.check_record(needs, &record, permit.now())))
    }
}

const fn allowed(decision: Decision) -> Result<(), Denied> {
    match decision {
        Decision::Allow(_) => Ok(()),
        Decision::Deny(denial) => Err(Denied::Access(denial)),
        Decision::Undecided(missing) => Err(Denied::Undecided(missing)),
    }
}
