# What `motlan policy` says in the terminal.
policy-check-good = { $purposes ->
        [one] One purpose
       *[other] { $purposes } purposes
    } and { $agencies ->
        [one] one agency
       *[other] { $agencies } agencies
    } in { $files } files can be loaded; { $warnings ->
        [0] nothing is unusual.
        [one] one thing should be looked at.
       *[other] { $warnings } things should be looked at.
    }
policy-check-bad = { $mistakes ->
        [one] One mistake
       *[other] { $mistakes } mistakes
    } in { $files } files ({ $warnings ->
        [one] one warning
       *[other] { $warnings } warnings
    }): nothing is loaded until the mistakes are mended.

policy-test-good = { $cases ->
        [one] The one case holds
       *[other] All { $cases } cases hold
    }, and every rule that forbids has a case that shows it.
policy-test-bad = { $failed } of { $cases } cases failed; { $untested ->
        [one] one rule
       *[other] { $untested } rules
    } without a case that denies.
policy-test-untested = No case shows that the rule `{ $rule }` denies anything.

policy-table-changed = Written: { $file }
policy-table-same = Unchanged: { $file }

policy-explain-question = { $agency } asks for “{ $purpose }”
policy-explain-basis-law = The purpose rests on the law: { $reference }.
policy-explain-basis-consent = The purpose rests on the citizen’s consent: { $reference }.
policy-explain-basis-vital_interest = The purpose rests on the vital interest of a person: { $reference }.
policy-explain-permit-law = May be read: { $agency } carries out “{ $purpose }”, which needs this attribute by law ({ $reference }).
policy-explain-permit-consent = May be read: the citizen has consented that { $agency } reads this for “{ $purpose }” ({ $reference }).
policy-explain-permit-vital_interest = May be read: a life or health is at risk, and { $agency } carries out “{ $purpose }” ({ $reference }). A data protection officer reviews it.
policy-explain-flag = Comes along: whoever reads something of this record must see whether the person has died, is protected or is under investigation.
policy-explain-deny-unknown_attribute_for_subject = May not be read: this dataset describes the other kind of subject.
policy-explain-deny-not_mandated = May not be read: { $agency } is not registered as carrying out “{ $purpose }”.
policy-explain-deny-not_in_purpose = May not be read: “{ $purpose }” does not need this attribute.
policy-explain-deny-consent_required = May not be read: “{ $purpose }” rests on consent, and the citizen has given none.
policy-explain-deny-consent_expired = May not be read: the citizen’s consent has run out or has been used up.
policy-explain-deny-consent_revoked = May not be read: the citizen has withdrawn the consent.
policy-explain-deny-officer_required = May not be read: somebody must answer for reading this, and the question names no officer.
policy-explain-deny-case_required = May not be read: “{ $purpose }” is carried out case by case, and the question names no case.
policy-explain-deny-sealed = May not be read: this person’s data is under special protection.
policy-explain-deny-forbidden_by_rule = May not be read: the rule `{ $rule }` forbids it.
policy-explain-deny-policy_error = May not be read: the rules could not be evaluated, and what cannot be decided is denied.
policy-explain-rule = rule `{ $rule }`
policy-explain-version = Decided by policies { $version }. No registry was asked and nothing was logged.
policy-explain-unknown-client = no agency has the client program `{ $name }`
policy-explain-unknown-purpose = there is no purpose `{ $name }`
policy-explain-nearest = did you mean `{ $name }`?

# Versions of the policies, and which one is in force.
policy-current = { $version }: current from now on.
policy-in-force = The gateway has put it into force and written that into the access log.
policy-no-gateway = No gateway follows this store now; it counts from the next start on.
policy-silence = The gateway has not said within 3 s what it made of it. Look at /readyz and at its log.
policy-refused = The gateway refuses the version: { $reason }. The policies before it stay in force.
policy-base = policies of the configuration
policy-version = version
policy-first = first in force
policy-last = last put into force

# What `motlan policy simulate` says.
policy-simulate-same = { $questions } questions of the past were decided again: the draft { $draft } changes nothing of what { $version } decides.
policy-simulate-changed = { $questions } questions of the past were decided again: { $changed } would be decided otherwise by the draft { $draft } than by { $version }; { $refused } would be refused as a whole.
policy-simulate-lost = lost: { $attributes } – { $reason } (rule `{ $rule }`). Questions: { $questions }, subjects: { $subjects }.
policy-simulate-gained = gained: { $attributes }. Questions: { $questions }, subjects: { $subjects }.
policy-simulate-otherwise = still denied, for another reason: { $attributes } – { $reason } (rule `{ $rule }`). Questions: { $questions }, subjects: { $subjects }.
policy-simulate-skipped = Entries that this version of the program does not understand were left out: { $skipped }.
policy-simulate-time = Nothing was changed, and nothing was logged. It took { $seconds } s.
policy-simulate-reason-none = –
policy-simulate-reason-unknown_attribute_for_subject = the dataset describes another kind of subject
policy-simulate-reason-not_mandated = the agency would not carry out the procedure
policy-simulate-reason-not_in_purpose = the procedure would not cover it
policy-simulate-reason-consent_required = a consent would be needed
policy-simulate-reason-consent_expired = the consent had run out
policy-simulate-reason-consent_revoked = the consent was withdrawn
policy-simulate-reason-officer_required = an officer, or an officer with the role, would have to be named
policy-simulate-reason-case_required = a case would have to be named
policy-simulate-reason-sealed = the data is under protection
policy-simulate-reason-forbidden_by_rule = a rule would forbid it
policy-simulate-reason-policy_error = the rules could not be evaluated
