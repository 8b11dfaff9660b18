# Who looked at my data: one sentence for each entry, to the citizen it is about. Arguments of the
# sentences: agency, purposes (titles in quotes), attributes, case and basis and source (clauses
# below, or nothing), check, day, time.

access-disclosed = { $agency } was told the following about you for { $purposes }{ $case } on { $day } at { $time }: { $attributes }{ $basis }{ $source }.
access-nothing_disclosed = { $agency } asked about you for { $purposes }{ $case } on { $day } at { $time } and was told nothing{ $basis }.
access-refused = { $agency } asked about you for { $purposes }{ $case } on { $day } at { $time } and was refused; it was told nothing.
access-mentioned = An answer about somebody else, to { $agency } for { $purposes } on { $day } at { $time }, named you: { $attributes }{ $basis }.
access-checked = { $agency } had the registers checked { $check } for { $purposes }{ $case } on { $day } at { $time }; it was told yes, no or unknown, and none of your data{ $basis }.
access-explained = { $agency } asked on { $day } at { $time } what it may know about you for { $purposes }{ $case }; nothing was looked up and nothing was told.
access-given = A consent was given on { $day } at { $time }: { $agency } may read the following about you for { $purposes }: { $attributes }.
access-withdrawn = The consent by which { $agency } could read your data for { $purposes } was withdrawn on { $day } at { $time }.
access-used_up = { $agency } used the consent for { $purposes } on { $day } at { $time }; it was for one time and has ended.
access-looked = A data protection officer looked on { $day } at { $time } into the record of who read your data.

access-clause-case = {" "}(case { $case })
access-clause-law = ; legal ground: { $reference }
access-clause-consent = ; by your consent { $reference }
access-clause-vital_interest = ; to protect a life: { $reference }
access-clause-registry = ; asked from the registers at that moment
access-clause-cache = ; answered from a copy at most { $minutes } min old
access-clause-mixed = ; partly answered from a copy at most { $minutes } min old
access-details = { $dataset } ({ $count ->
    [one] one detail
   *[other] { $count } details
})
access-more-denied = { $count ->
    [one] One more detail was asked for and refused.
   *[other] { $count } more details were asked for and refused.
}
access-more-emergency = This was an emergency; a data protection officer has to review it by { $day }, { $time }.
access-acting-parent = Your parent acted for you.
access-acting-guardian = Your guardian acted for you.
access-acting-attorney = Somebody with your power of attorney acted for you.

access-check-age_at_least = whether you have reached an age
access-check-resides_in = whether you reside in an area
access-check-is_married = whether you are married
access-check-is_insured_on = whether you were insured on a day
access-check-owns_parcel_in = whether you own land in an area
access-check-is_alive = whether you are alive
access-check-is_parent = whether somebody who acts for you is your parent
access-check-is_guardian = whether somebody who acts for you is your guardian
access-check-is_attorney = whether somebody who acts for you has your power of attorney
access-check-other = a statement about you
