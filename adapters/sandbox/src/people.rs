//! The synthetic people of Vietnam: a pure function of a seed and a number, nothing stored.
//!
//! Every registry of the sandbox asks one [`Population`], so their answers fit together: the parents
//! in a child's birth record are married to each other in the register of marriages and live in the
//! child's household; who shares a parcel is in the population register; a dead person's insurance
//! has ended. The registers have the sizes of the real ones ([`Sizes`]) and take no memory.
//!
//! ```text
//! number ──decrypt──▶ province, year, index, place in the family        number.rs, cells.rs
//!                     ──draw──▶ Family: births, marriage, deaths        family.rs
//!                               ──▶ civil.rs  home.rs  documents.rs     one person
//!                               ──▶ enterprises.rs  insurance.rs  parcels.rs  tax.rs  record.rs
//! ```
//!
//! The personas (people with a story that demos and tests know by name) lie over the generated
//! people; no generated person has a persona's number.
//!
//! What is simpler than life: everybody belongs to one family of parents and children, marries once
//! at most, and parents of the older generation stand on paper only. Of the grown children none is
//! married, since all 4.5 million marriages of the register are their parents'.

mod cells;
mod civil;
mod documents;
mod draw;
mod enterprises;
pub mod facts;
mod family;
mod home;
mod insurance;
mod names;
mod neighbours;
mod number;
mod parcels;
pub mod personas;
mod places;
mod provinces;
mod record;
mod tax;
#[cfg(test)]
mod tests;

pub use cells::Sizes;

use cells::{CELLS, Member};
use facts::{
    CompanyRole, Enterprise, HealthInsurance, HouseholdMember, Parcel, Person, SocialInsurance,
    record::HealthRecord,
    tax::{TaxIncome, TaxObligation, TaxRegistration},
};
use family::Family;
use number::Number;

/// All people, enterprises and parcels that one seed yields. Cheap to clone, free to share.
#[derive(Debug, Clone)]
pub struct Population {
    seed: u64,
}

impl Population {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// How many people, children with a number, marriages and deaths the registers hold.
    pub fn sizes(&self) -> Sizes {
        CELLS.sizes()
    }

    /// The 12 digits of the `index`-th person, for tests, benches and walks; `None` from the number
    /// of births on. The personas are the last.
    pub fn sample(&self, index: u64) -> Option<String> {
        match CELLS.member_at(index) {
            Some(member) => Some(Number::of(self.seed, member).text()),
            None => {
                let generated = self.sizes().births - personas::BIRTHS;
                let nth = usize::try_from(index.checked_sub(generated)?).ok()?;
                personas::IN_REGISTERS
                    .get(nth)
                    .map(|number| (*number).to_owned())
            }
        }
    }

    /// Everything of civil status, identity, residence and documents; `None` for a number that
    /// nobody has.
    pub fn person(&self, number: &str) -> Option<Person> {
        if let Some(persona) = personas::person(number) {
            return Some(persona);
        }
        let (family, member) = self.family(number)?;
        civil::person(self.seed, &family, member.role)
    }

    /// The living members of the person's household, the head first, the person among them.
    pub fn household(&self, number: &str) -> Vec<HouseholdMember> {
        if personas::is_persona(number) {
            return personas::household(number);
        }
        self.family(number)
            .map_or_else(Vec::new, |(family, member)| {
                home::household(self.seed, &family, member.role)
            })
    }

    /// What the person is, or was, in companies.
    pub fn roles(&self, number: &str) -> Vec<CompanyRole> {
        if personas::is_persona(number) {
            return personas::roles(number);
        }
        let life = self
            .family(number)
            .and_then(|(family, member)| family.life(member.role).copied());
        life.map_or_else(Vec::new, |life| enterprises::roles(self.seed, &life))
    }

    /// The enterprise with this code of 10 digits, or of 10 digits, `-` and 3 for a branch.
    pub fn enterprise(&self, code: &str) -> Option<Enterprise> {
        personas::enterprise(code).or_else(|| enterprises::enterprise(self.seed, code))
    }

    pub fn health_insurance(&self, number: &str) -> Option<HealthInsurance> {
        if personas::is_persona(number) {
            return personas::health_insurance(number);
        }
        let (family, member) = self.family(number)?;
        insurance::health(self.seed, &family, member.role)
    }

    pub fn social_insurance(&self, number: &str) -> Option<SocialInsurance> {
        if personas::is_persona(number) {
            return personas::social_insurance(number);
        }
        let (family, member) = self.family(number)?;
        insurance::social(self.seed, &family, member.role)
    }

    /// The parcels that the person holds or shares, with the person's own share.
    pub fn parcels(&self, number: &str) -> Vec<Parcel> {
        if personas::is_persona(number) {
            return personas::parcels(number);
        }
        self.family(number)
            .map_or_else(Vec::new, |(family, member)| {
                parcels::parcels(self.seed, &family, member.role)
            })
    }

    /// `None` for somebody without a tax code.
    pub fn tax_registration(&self, number: &str) -> Option<TaxRegistration> {
        if personas::is_persona(number) {
            return personas::tax_registration(number);
        }
        let (family, member) = self.family(number)?;
        tax::registration(self.seed, &family, member.role)
    }

    /// What the person earned in the years that the registry keeps, the newest first.
    pub fn tax_income(&self, number: &str) -> Vec<TaxIncome> {
        if personas::is_persona(number) {
            return personas::tax_income(number);
        }
        self.family(number)
            .map_or_else(Vec::new, |(family, member)| {
                tax::income(self.seed, &family, member.role)
            })
    }

    /// What the person owed and owes, the newest year first.
    pub fn tax_obligations(&self, number: &str) -> Vec<TaxObligation> {
        if personas::is_persona(number) {
            return personas::tax_obligations(number);
        }
        self.family(number)
            .map_or_else(Vec::new, |(family, member)| {
                tax::obligations(self.seed, &family, member.role)
            })
    }

    /// `None` where no record was ever begun.
    pub fn health_record(&self, number: &str) -> Option<HealthRecord> {
        if personas::is_persona(number) {
            return personas::health_record(number);
        }
        let (family, member) = self.family(number)?;
        record::record(self.seed, &family, member.role)
    }

    fn family(&self, number: &str) -> Option<(Family, Member)> {
        let member = Number::parse(number)?.member(self.seed)?;
        Some((Family::of(self.seed, member.couple), member))
    }
}
