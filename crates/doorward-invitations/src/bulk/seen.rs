//! At which address a person was planned first: one person has one account.

use std::collections::BTreeMap;

use doorward_types::{EmailAddress, PersonId};

use super::{Identity, PersonRef, Refusal};

/// The people met so far in sound rows who can be told from others at another address: by record or reference.
#[derive(Default)]
pub(super) struct Seen {
    persons: BTreeMap<PersonId, (EmailAddress, u32)>,
    references: BTreeMap<PersonRef, (EmailAddress, u32)>,
}

impl Seen {
    pub(super) fn check(&self, identity: &Identity, address: &EmailAddress) -> Result<(), Refusal> {
        let person = identity
            .person
            .as_ref()
            .and_then(|person| self.persons.get(person));
        let reference = || {
            identity
                .reference
                .as_ref()
                .and_then(|name| self.references.get(name))
        };
        match person.or_else(reference) {
            Some((first, row)) if first != address => {
                Err(Refusal::PersonAtOtherAddress { row: *row })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn note(&mut self, identity: &Identity, address: &EmailAddress, row: u32) {
        if let Some(person) = identity.person {
            self.persons
                .entry(person)
                .or_insert_with(|| (address.clone(), row));
        }
        if let Some(reference) = &identity.reference {
            self.references
                .entry(reference.clone())
                .or_insert_with(|| (address.clone(), row));
        }
    }
}
