//! The facts of the tax registry: who is registered, what they earned, and what they owe.

use motlan_schemas::date::PartialDate;

coded!(TaxpayerStatus {
    Active = "active", Closed = "closed", Moved = "moved", Closing = "closing", Suspended = "suspended",
    NotAtAddress = "not_at_address", Bankruptcy = "bankruptcy", Verifying = "verifying",
});
coded!(TaxKind {
    IncomeWages = "income_wages", IncomeBusiness = "income_business", IncomeProperty = "income_property",
    ValueAdded = "value_added", NonAgriculturalLand = "non_agricultural_land",
    RegistrationFee = "registration_fee", BusinessLicence = "business_licence", LatePayment = "late_payment",
});
coded!(ObligationStatus {
    Paid = "paid", Due = "due", Overdue = "overdue", Frozen = "frozen", WrittenOff = "written_off",
});
coded!(IncomeKind { Wages = "wages", Business = "business", Capital = "capital", Property = "property" });

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRegistration {
    /// The personal number, which is the tax code since July 2025.
    pub tax_code: String,
    /// Ten digits, given before.
    pub former_tax_code: Option<String>,
    pub registered_on: PartialDate,
    pub status: TaxpayerStatus,
    pub closed_on: Option<PartialDate>,
    /// Five digits.
    pub office_code: String,
    pub office_name: String,
    pub deceased: bool,
}

/// One tax of one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxObligation {
    pub year: i16,
    pub kind: TaxKind,
    pub assessed_vnd: u64,
    pub paid_vnd: u64,
    pub due_on: Option<PartialDate>,
    pub status: ObligationStatus,
    pub disputed: bool,
}

impl TaxObligation {
    /// What is still owed; negative when too much was paid.
    pub fn outstanding_vnd(&self) -> i64 {
        let signed = |vnd: u64| i64::try_from(vnd).unwrap_or(i64::MAX);
        signed(self.assessed_vnd) - signed(self.paid_vnd)
    }
}

/// What one payer paid in one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxIncome {
    pub year: i16,
    pub kind: IncomeKind,
    pub payer_code: Option<String>,
    pub payer_name: Option<String>,
    pub gross_vnd: u64,
    pub withheld_vnd: u64,
}
