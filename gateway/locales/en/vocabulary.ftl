# The vocabulary's own words: mistakes of a question, reasons of refusal, outcomes of a dataset.

mistake-required = This field is required.
mistake-unknown_field = A question has no such field.
    .nearest = A question has no such field. Did you mean `{ $nearest }`?
mistake-wrong_type = Expected { $expected }.
mistake-subject_form = Give exactly one subject: {"{"}"person": "<12 digits>"{"}"} or {"{"}"enterprise": "<10 digits>"{"}"}.
mistake-personal_number_length = A personal number has exactly 12 digits.
mistake-personal_number_digits = A personal number consists of the digits 0 to 9 only.
mistake-personal_number_place = The first three digits must be the code of a province or country.
mistake-personal_number_century = The fourth digit gives century and sex; this one is not in use.
mistake-enterprise_code_form = An enterprise code has 10 digits; a branch adds a hyphen and 3 digits.
mistake-enterprise_code_check_digit = The check digit of the enterprise code is wrong; look for a typing mistake.
mistake-enterprise_code_serial = The enterprise code has a serial number that is never given.
mistake-empty = This must not be empty.
mistake-too_long = At most 64 characters are accepted.
mistake-unprintable = Only printable characters are accepted, without line breaks or control characters.
mistake-too_many = At most { $max } are accepted.
mistake-out_of_range = The value must be from { $min } to { $max }.
mistake-not_one_of = Expected one of: { $accepted }.
mistake-unknown_purpose = There is no such purpose. /v1/entitlements lists those of your agency.
    .nearest = There is no such purpose. Did you mean `{ $nearest }`?
mistake-unknown_attribute = There is no such dataset or attribute. /v1/catalogue lists them.
    .nearest = There is no such dataset or attribute. Did you mean `{ $nearest }`?
mistake-wildcard = Wildcards are not accepted. Name each dataset or attribute that the procedure needs.
mistake-registry_alone = This is a whole registry. Name the datasets or attributes that the procedure needs.

expected-a-string = a string
expected-a-whole-number = a whole number
expected-an-array-of-names = an array of names
expected-an-array-of-subjects = an array of subjects
expected-an-object = an object
expected-a-request-for-a-proof = {"{"}"leaf_index": N{"}"} or {"{"}"old_size": M, "new_size": N{"}"}

denial-unknown_attribute_for_subject = Does not fit the subject
    .remedy = Persons and enterprises have different datasets. Ask about the right kind of subject, or leave this attribute out.
denial-not_mandated = Procedure not assigned to your agency
    .remedy = { $agency } is not registered as carrying out “{ $purpose }”. Choose one of your agency’s own purposes, listed at /v1/entitlements, or ask your data protection officer ({ $contact }) to have the mandate registered.
denial-not_in_purpose = Not needed for this procedure
    .remedy = “{ $purpose }” does not cover this attribute. Leave it out, or ask for it under the procedure that needs it. If the procedure does need it by law, the data protection officer ({ $contact }) can propose to extend the purpose.
denial-consent_required = The citizen’s consent is needed
    .remedy = “{ $purpose }” rests on consent, and the citizen has given { $agency } none. Ask the citizen to give it, then repeat the question.
denial-consent_expired = The consent has run out
    .remedy = The citizen’s consent for “{ $purpose }” has run out or has been used up. Ask the citizen for a new one, then repeat the question.
denial-consent_revoked = The consent was withdrawn
    .remedy = The citizen has withdrawn the consent for “{ $purpose }”. Respect this; the procedure can go on only with documents that the citizen provides, or after a new consent.
denial-officer_required = The officer must be named
    .remedy = “{ $purpose }” may be asked only in the name of an officer. Send `officer`, or a token issued to the officer (`act.sub`).
denial-case_required = The case must be named
    .remedy = “{ $purpose }” may be asked only for a particular case. Send its reference in `case`.
denial-sealed = The data is sealed
    .remedy = This subject’s data is under special protection. Turn to your data protection officer ({ $contact }), who knows the procedure for such cases.
denial-forbidden_by_rule = Forbidden by a rule
    .remedy = The rule `{ $rule }` forbids this. Ask your data protection officer ({ $contact }) about the rule and what it allows.
denial-policy_error = Could not be decided
    .remedy = The rules could not be evaluated, so nothing is disclosed. This is a mistake of the gateway: tell the operator the request id.

status-ok = Obtained
status-not_found = Nothing recorded
status-denied = Denied
status-unavailable = Unavailable

registry-registry_timeout = The registry did not answer in time
registry-registry_down = The registry cannot be reached
registry-registry_refused = The registry refused the gateway’s request
registry-registry_malformed = The registry’s answer could not be understood
registry-registry_truncated = The registry’s answer was incomplete
registry-registry_wrong_subject = The registry answered about somebody else
