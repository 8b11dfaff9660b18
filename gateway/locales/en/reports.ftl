# What data protection officers read: reports, the register of processing, erasure.

erasure-explanation = Everything that the log said about the person is unreadable for good: its keys are destroyed, and consents that had ended, cached records and the index are cleared of it. What stays is that something of a kind happened at a time under a pseudonym, and the hashes: without them the log would prove nothing about anybody. Copies of the keys in backups have to be destroyed as well.
erasure-obstacle-consent = A consent is in force: the citizen withdraws it, or it ends.
erasure-obstacle-seal = The person’s data is sealed: lift the seal, or wait for its end.
erasure-obstacle-emergency_use = An emergency use waits for its review: review it.
erasure-obstacle-alert = An alert with entries about the person is open: close it as justified or as an incident.
erasure-obstacle-hidden = An order hides an entry from the person: wait for its end.

report-person-title = Access report
report-person-sentence = { $entries ->
    [0] The access log has nothing about this person.
    [one] The access log has one entry about this person.
   *[other] The access log has { $entries } entries about this person; { $agencies ->
        [0] no agency asked
        [one] one agency asked
       *[other] { $agencies } agencies asked
    } ({ $disclosures } answers, { $refusals } refusals), and { $mentions } answers about others named the person.
}
report-made = Made on { $time } from the log { $log }
report-recipients = Who was told
report-entries = Everything that happened
report-consents = Consents
report-rights = What you can do
report-retention = How long this is kept
report-retention-text = What entries say about people is kept for { $details } months, the entries themselves for { $entries } months. Entries before number { $first } are no longer kept; their hashes are.
report-erased = The details are erased.
report-hidden = Hidden from the person until { $until }
report-column-time = Time
report-column-what = What happened
report-column-entry = Entry
report-column-agency = Agency
report-column-told = What it was told
report-column-period = From – to
report-column-state = State
report-counts = { $disclosures } answers, { $checks } checks, { $refusals } refusals, { $mentions } mentions
report-right-access = You may ask at any time who looked at your data: in the citizens’ portal, or at the data protection officer.
report-right-consent = You may withdraw a consent at any time. From that moment nothing more is read by it.
report-right-rectification = What a registry has wrong is corrected by the authority that keeps the registry; the gateway keeps no data of its own.
report-right-erasure = You may ask for what this log says about you to be erased, unless a law or an open matter needs it.
report-right-complaint = If you think that somebody had no right to look, complain to the agency’s data protection officer, or to the authority for personal data protection. Give the number of the entry.

report-register-title = Register of processing
register-lead = Made of the policies of version { $version }.
register-controllers = Controllers
register-purposes = Purposes
register-measures = Security measures
register-sources = Where the data comes from
register-transfers = No data leaves the country.
register-column-controller = Controller
register-column-contact = Data protection officer
register-column-purposes = Purposes
register-column-purpose = Purpose
register-column-basis = Legal basis
register-column-data = Data
register-column-recipients = Recipients
register-column-days = Kept by the agency, days
register-column-registry = Registry
register-column-datasets = Datasets
register-measure-log = Every disclosure, refusal and look is an entry of an append-only, publicly verifiable log before anything leaves.
register-measure-purpose = What a purpose does not cover is refused before any registry is asked.
register-measure-sealed = What the log says about people is encrypted under a key for each person and month, which can be destroyed.
register-measure-pseudonyms = People appear in the log under keyed pseudonyms; personal numbers stand in no address, log line or metric.
register-measure-tokens = Programs and officers are let in by signed, short-lived tokens over TLS.
register-measure-budgets = Budgets limit about how many people a program or officer can ask, and alerts tell of patterns.
register-measure-consent = Consents are checked at each use; a withdrawal acts on the next request.
register-measure-review = Emergency uses and alerts are reviewed by a data protection officer, and each review is logged.

reconciliation-agree = { $registry } counted { $theirs } requests; the access log tells of { $ours } ({ $failures } failures). The counts agree.
reconciliation-registry_counts_more = { $registry } counted { $theirs } requests, { $difference } more than the access log can explain ({ $ours } requests, { $failures } failures): somebody may have asked past the log.
reconciliation-registry_counts_fewer = { $registry } counted { $theirs } requests, { $difference } fewer than the access log tells of ({ $ours } requests, { $failures } failures): look at the registry’s own log.
